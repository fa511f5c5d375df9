/**
 * A pod, run as processes of this machine:
 *
 *     Pending: volumes ──► init containers, one after the other ──► Running: containers, probed ──► Succeeded or Failed
 *                           └──one fails──► again, later (restartPolicy)         └──deleted──► preStop, SIGTERM ──► gone
 */
import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Container, Pod } from "./pod.ts";
import { type Running, startProcess } from "./process.ts";
import { programOf } from "./programs.ts";
import { folderOf, inPod, mountOf, translationFor, writeConfigMap } from "./volumes.ts";

export interface PodSurroundings {
  /** Of the pod: no other process of this machine listens there. */
  address: string;
  /** Where its volumes are made; removed with it. */
  folder: string;
  /** In the place of /etc/resolv.conf. */
  resolver: string;
  /** For every container. */
  env: Record<string, string>;
  configMap(name: string): Promise<{ version: string; data: Record<string, string> } | undefined>;
  /** The pod's status has changed. */
  report(status: object): void;
  say(line: string): void;
}

interface ContainerState {
  container: Container;
  state: object;
  lastState: object;
  restarts: number;
  ready: boolean;
  running?: Running;
}

const probeEveryMs = 500;
const lookEveryMs = 1_000;
const execute = promisify(execFile);

export class PodRun {
  readonly pod: Pod;
  readonly #around: PodSurroundings;
  readonly #init: ContainerState[];
  readonly #main: ContainerState[];
  readonly #stopping = new AbortController();
  #phase: "Pending" | "Running" | "Succeeded" | "Failed" = "Pending";
  #initialised = false;
  readonly #whole: Promise<void>;

  constructor(pod: Pod, around: PodSurroundings) {
    this.pod = pod;
    this.#around = around;
    const waiting = (container: Container): ContainerState => ({
      ...{ container, lastState: {}, restarts: 0, ready: false },
      state: { waiting: { reason: "PodInitializing" } },
    });
    this.#init = pod.spec.initContainers.map(waiting);
    this.#main = pod.spec.containers.map(waiting);
    this.#whole = this.#run().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) around.say(`${pod.metadata.name}: ${error}`);
    });
  }

  get address(): string {
    return this.#around.address;
  }

  get ready(): boolean {
    return this.#phase === "Running" && this.#main.every(({ ready }) => ready);
  }

  /** As a pod ends that was deleted: asked to first, and with time to finish. @param atOnce killed */
  async end(atOnce = false): Promise<void> {
    const graceMs = atOnce ? 0 : this.pod.spec.terminationGracePeriodSeconds * 1_000;
    this.#stopping.abort();
    await Promise.all(
      [...this.#init, ...this.#main].map(async ({ container, running }) => {
        const hook = container.lifecycle?.preStop?.exec;
        if (hook && running && !atOnce) await this.#execute(hook.command);
        await running?.stop(graceMs);
      }),
    );
    await this.#whole;
    rmSync(this.#around.folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    this.#report();
    for (const { name } of this.pod.spec.volumes) mkdirSync(folderOf(this.#around.folder, name), { recursive: true });
    while (!(await this.#writeConfigMaps())) await this.#pause(lookEveryMs);
    for (const state of this.#init)
      if ((await this.#runToEnd(state)) !== 0) {
        this.#phase = "Failed";
        return this.#report();
      }
    this.#initialised = true;
    this.#phase = "Running";
    const refresh = setInterval(() => void this.#writeConfigMaps(), lookEveryMs);
    try {
      const codes = await Promise.all(this.#main.map((state) => this.#runToEnd(state)));
      this.#phase = codes.every((code) => code === 0) ? "Succeeded" : "Failed";
      this.#report();
    } finally {
      clearInterval(refresh);
    }
  }

  /** Once, or again and again, as the pod's restartPolicy says. @returns its last exit code */
  async #runToEnd(state: ContainerState): Promise<number> {
    const init = this.#init.includes(state);
    for (;;) {
      const code = await this.#runOnce(state);
      const { restartPolicy } = this.pod.spec;
      const again = restartPolicy === "Never" ? false : code !== 0 || (!init && restartPolicy === "Always");
      if (!again) return code;
      state.lastState = state.state;
      state.state = { waiting: { reason: "CrashLoopBackOff", message: "back-off restarting failed container" } };
      state.restarts += 1;
      this.#report();
      await this.#pause(Math.min(10_000, 500 * 2 ** state.restarts));
    }
  }

  async #runOnce(state: ContainerState): Promise<number> {
    const { container } = state;
    const { address, folder, resolver, env, say } = this.#around;
    const translate = translationFor(container, folder);
    const { program, args, env: own } = await programOf(container, address);
    const given = Object.fromEntries(container.env.map(({ name, value }) => [name, inPod(address)(translate(value))]));
    this.#stopping.signal.throwIfAborted();
    const running = startProcess(
      { program, args: args.map(translate), env: { PATH: process.env.PATH, ...own, ...env, ...given } },
      resolver,
      (line) => say(`${this.pod.metadata.name} ${container.name}: ${line}`),
    );
    state.running = running;
    state.state = { running: { startedAt: new Date().toISOString() } };
    this.#report();
    const probing = this.#probe(state, running);
    const code = await running.ended;
    await probing;
    state.ready = false;
    const failed = code !== 0 && { message: running.lastLines() };
    state.state = { terminated: { exitCode: code, reason: code === 0 ? "Completed" : "Error", ...failed } };
    state.running = undefined;
    this.#report();
    return code;
  }

  /** Asks for readiness until it ends; a container without a probe is ready while it runs. */
  async #probe(state: ContainerState, running: Running): Promise<void> {
    const { readinessProbe, ports } = state.container;
    let ended = false;
    void running.ended.then(() => {
      ended = true;
    });
    while (!ended) {
      const port = ports.find(({ name }) => name === readinessProbe?.httpGet.port)?.containerPort;
      const url = `http://${this.address}:${port ?? readinessProbe?.httpGet.port}${readinessProbe?.httpGet.path}`;
      const ready = readinessProbe ? await answers(url) : true;
      if (ready !== state.ready && !ended) {
        state.ready = ready;
        this.#report();
      }
      await Promise.race([running.ended, sleep(probeEveryMs)]);
    }
  }

  /** @returns whether every one is there; a pod waits for its volumes */
  async #writeConfigMaps(): Promise<boolean> {
    let all = true;
    for (const { name, configMap } of this.pod.spec.volumes) {
      const mount = mountOf(this.pod, name);
      if (!configMap || !mount) continue;
      const found = await this.#around.configMap(configMap.name).catch(() => undefined);
      all &&= found !== undefined;
      if (!found) continue;
      const translate = translationFor(mount, this.#around.folder);
      const texts = Object.entries(found.data).map(([file, text]) => [file, inPod(this.address)(translate(text))]);
      writeConfigMap(folderOf(this.#around.folder, name), found.version, Object.fromEntries(texts));
    }
    return all;
  }

  async #execute([program = "", ...args]: readonly string[]): Promise<void> {
    const words = args.map(inPod(this.address));
    await execute(program, words).catch((error: unknown) => this.#around.say(`preStop: ${error}`));
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal });
  }

  #report(): void {
    const of = ({ container, state, lastState, restarts, ready }: ContainerState) => ({
      ...{ name: container.name, image: container.image, imageID: "", state, lastState, restartCount: restarts },
      ready: ready || (this.#init.some((each) => each.container === container) && "terminated" in state),
    });
    const condition = (type: string, status: boolean) => ({ type, status: status ? "True" : "False" });
    this.#around.report({
      phase: this.#phase,
      podIP: this.address,
      podIPs: [{ ip: this.address }],
      initContainerStatuses: this.#init.map(of),
      containerStatuses: this.#main.map(of),
      conditions: [
        { type: "PodScheduled", status: "True" },
        condition("Initialized", this.#initialised),
        condition("ContainersReady", this.ready),
        condition("Ready", this.ready),
      ],
    });
  }
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url, { signal: AbortSignal.timeout(1_000), headers: { connection: "close" } }).then(
    (answer) => answer.ok,
    () => false,
  );
}
