import type { Model, StoredFile } from "./api/getModel";

type Named = Pick<Model, "name" | "base_model" | "base_model_revision">;
const VLLM_RANKS = [8, 16, 32, 64, 128, 256];
const VLLM_RANK = 16;

/** A folder's name of a model's: small letters, digits and hyphens. */
export function folderOf(name: string): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return plain || "adapter";
}

/** The lines that `sha256sum -c` reads. */
export function checksums(files: readonly StoredFile[]): string {
  return files.map((file) => `${file.sha256}  ${file.name}\n`).join("");
}

export function withTransformers(model: Named): string {
  const folder = folderOf(model.name);
  return `import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("${model.base_model}",
    revision="${model.base_model_revision}", dtype=torch.bfloat16)
model = PeftModel.from_pretrained(base, "${folder}")
tokenizer = AutoTokenizer.from_pretrained("${folder}")`;
}

/** vLLM serves adapters up to rank 16 unless it is told of more. */
export function withVllm(model: Named, rank: number): string {
  const folder = folderOf(model.name);
  const room = VLLM_RANKS.find((one) => one >= rank) ?? rank;
  const more = room > VLLM_RANK ? ` --max-lora-rank ${room}` : "";
  return `vllm serve ${model.base_model} \\
    --revision ${model.base_model_revision} \\
    --enable-lora${more} \\
    --lora-modules ${folder}=./${folder}`;
}

export function toCheck(model: Named, files: readonly StoredFile[]): string {
  return `cd ${folderOf(model.name)}
sha256sum -c - <<'END'
${checksums(files)}END`;
}
