import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { announce } from "@/lib/announce";
import { confirmUpload } from "../api/confirmUpload";
import { createDataset, type NewDataset, type Offer } from "../api/createDataset";
import { deleteDataset } from "../api/deleteDataset";
import { getUpload } from "../api/getUpload";
import { put } from "./put";
import { forget, remember, type Handle } from "./remember";
import { send, type Progress } from "./send";
import { sha256 } from "./sha256";

export type Step =
  | { name: "choosing" }
  | { name: "preparing" }
  | { name: "duplicate"; id: string; of: string; offer: Offer }
  | { name: "sending"; id: string; progress: Progress; began: number }
  | { name: "confirming"; id: string }
  | { name: "stopped"; id: string; progress: Progress; error: unknown };

const NOTHING: Progress = { sent: 0, part: 0, parts: 1 };

/** A file on its way: declared, sent in parts, confirmed. Everything that matters is on the server, so it can be gone on with later. */
export function useUpload() {
  const [step, setStep] = useState<Step>({ name: "choosing" });
  const [error, setError] = useState<unknown>();
  const abort = useRef<AbortController>(null);
  const last = useRef(NOTHING);
  const client = useQueryClient();
  const navigate = useNavigate();
  useAskBeforeLeaving(step.name === "sending");
  useEffect(() => () => abort.current?.abort(), []);

  async function start(file: File, declared: Omit<NewDataset, "file_name" | "file_size" | "sha256">, handle?: Handle) {
    setError(undefined);
    setStep({ name: "preparing" });
    try {
      const hash = await sha256(file);
      const { dataset, upload, duplicate_of } = await createDataset({ ...declared, file_name: file.name, file_size: file.size, sha256: hash });
      if (handle) await remember(dataset.id, handle);
      if (duplicate_of) setStep({ name: "duplicate", id: dataset.id, of: duplicate_of, offer: upload });
      else await run(dataset.id, file, upload);
    } catch (refusal) {
      setError(refusal);
      setStep({ name: "choosing" });
    }
  }

  /** Goes on with what has not arrived: the server says what that is. */
  async function resume(id: string, file: File, offer?: Offer) {
    setError(undefined);
    try {
      await run(id, file, offer ?? (await getUpload(id)));
    } catch (refusal) {
      setStep({ name: "stopped", id, progress: last.current, error: refusal });
    }
  }

  async function run(id: string, file: File, offer: Offer) {
    const controller = new AbortController();
    abort.current = controller;
    last.current = NOTHING;
    const began = Date.now();
    const onProgress = (progress: Progress) => {
      sayEachTenth(last.current, progress, file.size);
      last.current = progress;
      setStep({ name: "sending", id, progress, began });
    };
    setStep({ name: "sending", id, progress: NOTHING, began });
    try {
      await send({ file, offer, put, renew: () => getUpload(id), onProgress, signal: controller.signal });
      setStep({ name: "confirming", id });
      await confirmUpload(id);
    } catch (refusal) {
      if (!controller.signal.aborted) setStep({ name: "stopped", id, progress: last.current, error: refusal });
      return;
    }
    await forget(id);
    await client.invalidateQueries({ queryKey: ["datasets"] });
    await navigate({ to: "/datasets/$id", params: { id } });
  }

  async function cancel(id: string) {
    abort.current?.abort();
    await forget(id);
    await deleteDataset(id).catch(() => undefined);
    await client.invalidateQueries({ queryKey: ["datasets"] });
    setStep({ name: "choosing" });
  }

  return { step, error, start, resume, cancel };
}

function sayEachTenth(before: Progress, now: Progress, size: number): void {
  const tenth = Math.floor((now.sent / size) * 10);
  if (tenth > Math.floor((before.sent / size) * 10)) announce(`${tenth * 10} percent sent`);
}

function useAskBeforeLeaving(sending: boolean): void {
  useEffect(() => {
    if (!sending) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [sending]);
}
