/** Rules over several fields, in CEL; each message says what to do. The API server refuses what breaks one. */

interface Rule {
  rule: string;
  message: string;
  fieldPath?: string;
}

const validations = (...list: Rule[]) => ({ "x-kubernetes-validations": list });

/** Only fields of one object: what concerns a model in itself. */
const model = validations(
  {
    rule: "!has(self.convert) || !self.uri.startsWith('https://')",
    message: "a SavedModel is converted from gs:// or volume://: copy it there, or remove convert",
    fieldPath: ".uri",
  },
  {
    rule: "!has(self.convert) || !has(self.backend) || self.backend != 'python'",
    message: "a SavedModel is converted for onnxruntime or tensorrt: choose one of them as backend, or leave it out",
    fieldPath: ".backend",
  },
);

const uri = validations({
  rule: "self.matches('^(gs|https|volume)://[^/]+/.+[^/]$')",
  message:
    "name a version's folder as gs://BUCKET/MODEL/VERSION, https://HOST/MODEL/VERSION or volume://CLAIM/MODEL/VERSION, without a slash at the end",
});

const replicas = validations({
  rule: "self.min <= self.max",
  message: "replicas.min is above replicas.max: lower min or raise max",
});

const every = (condition: string) =>
  `(!has(self.model) || [self.model].all(m, ${condition})) && (!has(self.models) || self.models.all(m, ${condition}))`;

const spec = validations(
  { rule: "has(self.model) != has(self.models)", message: "set either model or models, not both and not neither" },
  {
    rule: `has(self.gpu) || (${every("!has(m.backend) || m.backend != 'tensorrt'")})`,
    message: "backend tensorrt needs a GPU: set gpu, such as nvidia-t4, or choose backend onnxruntime",
  },
  {
    rule: `has(self.gpu) || (${every("m.precision != 'fp16'")})`,
    message: "precision fp16 gains nothing on a CPU: set gpu, or choose fp32 or int8",
  },
  {
    rule: `!has(self.gpu) || (${every("!has(m.backend) || m.backend != 'python'")})`,
    message: "backend python runs on the CPU: remove gpu, or choose tensorrt or onnxruntime",
  },
  { rule: "!has(self.gpuSharing) || has(self.gpu)", message: "gpuSharing shares a GPU: set gpu, or remove gpuSharing" },
  { rule: "self.spareGpus == 0 || has(self.gpu)", message: "spareGpus keeps GPUs warm: set gpu, or remove spareGpus" },
  {
    rule: "!has(self.latencyGoal) || !has(self.batch) || !has(self.batch.queueDelay) || duration(self.batch.queueDelay) < duration(self.latencyGoal)",
    message: "batch.queueDelay alone uses up latencyGoal: shorten queueDelay or raise latencyGoal",
  },
  {
    rule: `has(self.engines) || (${every("m.uri.startsWith('gs://') || (!has(m.convert) && (!has(m.backend) || m.backend != 'tensorrt'))")})`,
    message: "what is converted needs a place that lasts: set engines to a gs:// address, or take the model from gs://",
  },
  {
    rule: "has(self.model) == has(oldSelf.model)",
    message: "model and models do not change into each other: make a new ModelServer and point the workers to it",
  },
  {
    rule: "!has(self.model) || !has(oldSelf.model) || (has(self.model.name) == has(oldSelf.model.name) && (!has(self.model.name) || self.model.name == oldSelf.model.name))",
    message: "workers and policies know the model by its name: keep model.name, or make a new ModelServer",
  },
);

export const rules = { model, uri, replicas, spec };
