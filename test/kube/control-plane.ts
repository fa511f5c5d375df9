/**
 * A control plane of a test's own, of Kubernetes' own programs: etcd, the API server, the controllers and the scheduler. It
 * has no nodes, and its API server can be stopped and started again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../src/local/free-port.ts";
import { guarded } from "../../src/models/guarded.ts";
import { until } from "../system.ts";
import { type Cluster, connectTo } from "./cluster.ts";
import { MissingProgram } from "./program.ts";

export interface ControlPlane {
  /** Path of a kubeconfig whose holder may do everything. */
  kubeconfig: string;
  cluster: Cluster;
  killApiServer(): Promise<void>;
  /** As on an upgrade: it takes no more requests, and waits for those who watch as long as a request may take. */
  stopApiServer(): Promise<void>;
  /** On the same port, with all that it had. */
  startApiServer(): Promise<void>;
  /** Forgets all history: whoever asks for what changed since some earlier time is told that it is gone. */
  forgetHistory(): Promise<void>;
  close(): Promise<void>;
}

interface Program {
  child: ChildProcess;
  ended: Promise<unknown>;
}

/** By name, with the group that Kubernetes' own rules are for. */
const users = {
  admin: "system:masters",
  "system:kube-controller-manager": "",
  "system:kube-scheduler": "",
} as const;
type User = keyof typeof users;

/**
 * @param requestLimit how long a request may take
 * @throws MissingProgram; Error with the end of its log where a program does not become ready
 */
export async function startControlPlane(requestLimit = "60s"): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "briareus-control-plane-"));
  const running = new Map<string, Program>();
  const log = (name: string) => join(folder, `${name}.log`);
  const run = (name: string, args: readonly string[]) => {
    const file = openSync(log(name), "a");
    const { program, args: all } = guarded(name, args, "KILL");
    const child = spawn(program, all, { stdio: ["pipe", file, file] });
    running.set(name, { child, ended: once(child, "exit") });
  };
  const end = async (name: string, by: (child: ChildProcess) => void) => {
    const found = running.get(name);
    running.delete(name);
    if (!found) return;
    by(found.child);
    await found.ended;
  };
  // The guard kills what it holds when its input ends, and passes SIGTERM on.
  const kill = (name: string) => end(name, (child) => child.stdin?.end());
  const stop = (name: string) => end(name, (child) => child.kill("SIGTERM"));
  const ready = async (name: string, ask: () => Promise<boolean>) => {
    const program = running.get(name);
    await until(
      async () => {
        const code = program?.child.exitCode ?? null;
        if (code === 127) throw new MissingProgram(name); // As a shell says it.
        if (code !== null) throw new Error(`${name} ended: ${await endOf(log(name))}`);
        return await ask().catch(() => false);
      },
      60_000,
      () => `${name} is not ready; its log is ${log(name)}`,
    );
  };
  const close = async () => {
    for (const name of ["kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"]) await kill(name);
    await rm(folder, { recursive: true, force: true });
  };

  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const tokens = await writeTokens(folder);
  const keys = await writeKeys(folder);
  const certificate = join(folder, "apiserver.crt");
  const kubeconfigs = await writeKubeconfigs(folder, `https://127.0.0.1:${apiPort}`, certificate, tokens.of);
  const cluster = connectTo(kubeconfigs.admin);
  const startApiServer = async () => {
    run("kube-apiserver", [
      `--etcd-servers=${etcd}`,
      ...["--bind-address=127.0.0.1", `--secure-port=${apiPort}`, `--cert-dir=${folder}`],
      ...[
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.96.0.0/16",
      ],
      ...["--authorization-mode=RBAC", `--token-auth-file=${tokens.file}`, `--request-timeout=${requestLimit}`],
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      ...[`--service-account-key-file=${keys.public}`, `--service-account-signing-key-file=${keys.private}`],
    ]);
    await ready("kube-apiserver", async () => (await cluster.kubectl(["get", "--raw", "/readyz"])) === "ok");
  };
  try {
    run("etcd", [
      ...["--name=test", `--data-dir=${join(folder, "etcd")}`, "--unsafe-no-fsync", "--log-level=warn"],
      ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`],
      ...[`--listen-peer-urls=http://127.0.0.1:${peerPort}`],
      ...[`--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`],
      `--initial-cluster=test=http://127.0.0.1:${peerPort}`,
    ]);
    await ready("etcd", async () => (await fetch(`${etcd}/health`)).ok);
    await startApiServer();
    run("kube-controller-manager", [
      ...(await clientArguments(folder, "controllers", kubeconfigs["system:kube-controller-manager"])),
      ...["--use-service-account-credentials=true", `--service-account-private-key-file=${keys.private}`],
      `--root-ca-file=${certificate}`,
    ]);
    run("kube-scheduler", await clientArguments(folder, "scheduler", kubeconfigs["system:kube-scheduler"]));
    await ready(
      "kube-controller-manager",
      async () => (await cluster.kubectl(["get", "serviceaccount", "default", "--namespace", "default"])) !== "",
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kubeconfig: kubeconfigs.admin,
    cluster,
    killApiServer: () => kill("kube-apiserver"),
    stopApiServer: () => stop("kube-apiserver"),
    startApiServer,
    forgetHistory: () => compact(etcd),
    async close() {
      await cluster.close();
      await close();
    },
  };
}

async function clientArguments(folder: string, name: string, kubeconfig: string): Promise<string[]> {
  return [
    ...[`--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`],
    ...[`--authorization-kubeconfig=${kubeconfig}`, "--leader-elect=false"],
    ...["--bind-address=127.0.0.1", `--secure-port=${await freePort()}`, `--cert-dir=${join(folder, name)}`],
  ];
}

/** Lines of TOKEN,USER,UID,"GROUPS". */
async function writeTokens(folder: string) {
  const of = Object.fromEntries(Object.keys(users).map((user) => [user, randomBytes(16).toString("hex")]));
  const file = join(folder, "tokens.csv");
  const lines = Object.entries(users).map(([user, group]) => `${of[user]},${user},${user},"${group}"`);
  await writeFile(file, lines.join("\n"), { mode: 0o600 });
  return { file, of };
}

/** With which service accounts' tokens are signed. */
async function writeKeys(folder: string) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const files = { public: join(folder, "accounts.pub"), private: join(folder, "accounts.key") };
  await writeFile(files.public, publicKey);
  await writeFile(files.private, privateKey, { mode: 0o600 });
  return files;
}

async function writeKubeconfigs(
  folder: string,
  server: string,
  certificate: string,
  tokens: Record<string, string>,
): Promise<Record<User, string>> {
  const files = await Promise.all(
    Object.keys(users).map(async (user) => {
      const file = join(folder, `${user.replace("system:", "")}.kubeconfig`);
      const config = {
        ...{ apiVersion: "v1", kind: "Config", "current-context": "own" },
        clusters: [{ name: "own", cluster: { server, "certificate-authority": certificate } }],
        users: [{ name: user, user: { token: tokens[user] } }],
        contexts: [{ name: "own", context: { cluster: "own", user } }],
      };
      await writeFile(file, JSON.stringify(config), { mode: 0o600 });
      return [user, file] as const;
    }),
  );
  return Object.fromEntries(files) as Record<User, string>;
}

/** Through etcd's JSON gateway: the revision now, and everything before it is dropped. */
async function compact(etcd: string): Promise<void> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${etcd}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd: ${await response.text()}`);
    return (await response.json()) as { header: { revision: string } };
  };
  const { header } = await post("range", { key: "AA==", limit: 1 });
  await post("compaction", { revision: header.revision, physical: true });
}

const endOf = async (file: string) => (await readFile(file, "utf8")).slice(-2_000);
