import { CopyButton } from "@/components/CopyButton";
import { KeyValues } from "@/components/KeyValues";
import { Section } from "@/components/Section";
import { Moment } from "@/components/values";
import { bytes } from "@/lib/format";
import type { Dataset } from "./api/getDataset";
import { FileActions } from "./FileActions";

export function FilePanel({ dataset }: { dataset: Dataset }) {
  return (
    <Section title="File" flush>
      <div className="panel pad">
        <KeyValues
          items={[
            ["Name", dataset.file_name],
            ["Size", bytes(dataset.file_size)],
            ["Over-long rows", dataset.over_length === "truncate" ? "shortened" : "rejected"],
            [dataset.status === "uploading" ? "Declared" : "Uploaded", <Moment key="at" at={dataset.created_at} />],
          ]}
        />
        {dataset.sha256 ? (
          <>
            <hr className="rule" />
            <div className="flex items-center justify-between">
              <span className="cap">SHA-256</span>
              <CopyButton text={dataset.sha256} of={`SHA-256 of ${dataset.file_name}`} />
            </div>
            <p className="hash">{dataset.sha256}</p>
          </>
        ) : null}
        <FileActions dataset={dataset} />
      </div>
    </Section>
  );
}
