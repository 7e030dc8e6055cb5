import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Badge } from "@/components/Badge";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Figures } from "@/components/Figures";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { PageSkeleton } from "@/components/states/Skeleton";
import { Stars, starsWord } from "@/components/Stars";
import { StateSentence } from "@/components/states/StateSentence";
import { useModelName } from "@/features/catalog/use-model-name";
import { useDataset } from "@/features/datasets/api/getDataset";
import { count } from "@/lib/format";
import { modelMark } from "@/lib/status";
import { toast } from "@/lib/toast";
import { editModel, type ModelEdit } from "./api/editModel";
import { modelQuery, useModel, type Model } from "./api/getModel";
import { BaseAgainstAdapter } from "./BaseAgainstAdapter";
import { HowStars } from "./HowStars";
import { ModelActions } from "./ModelActions";
import { ModelFiles } from "./ModelFiles";
import { modelFigures } from "./model-figures";
import { Origin } from "./Origin";
import { RenameModel } from "./RenameModel";
import { Samples } from "./Samples";
import { canUndo, doneWords } from "./status-moves";
import { UseIt } from "./UseIt";
import { useDownloads } from "./use-downloads";
import { conversationsNeeded, verdictSentence } from "./verdict";

const route = getRouteApi("/inside/models/$id");

export function ModelPage() {
  const { id } = route.useParams();
  const query = useModel(id);
  return (
    <Loaded query={query} what="The model" skeleton={<PageSkeleton />} missing={{ thing: "model", to: "/models", list: "Models" }}>
      {(model) => <ModelView key={model.id} model={model} />}
    </Loaded>
  );
}

function ModelView({ model }: { model: Model }) {
  const [renaming, setRenaming] = useState(false);
  const downloads = useDownloads(model.id);
  const nameOf = useModelName();
  const edit = useEdit(model);
  const move = (to: Model["status"]) => edit.mutate({ status: to });
  const actions = <ModelActions model={model} downloads={downloads} onRename={() => setRenaming(true)} onMove={move} isMoving={edit.isPending} />;
  const rename = renaming ? (
    <RenameModel
      name={model.name}
      onSave={(name) => edit.mutate({ name }, { onSuccess: () => setRenaming(false) })}
      onClose={() => setRenaming(false)}
      busy={edit.isPending}
      error={edit.error}
    />
  ) : undefined;
  return (
    <>
      <PageHead
        title={model.name}
        crumb={{ to: "/models", label: "Models", here: "Model" }}
        badge={
          <>
            <Badge mark={modelMark(model.status)} />
            <span className="cap">version {model.version}</span>
          </>
        }
        instead={rename}
      >
        {actions}
      </PageHead>
      {renaming ? null : <ErrorNote error={edit.error} />}
      <StateSentence text={verdictSentence(model, nameOf(model.base_model))} />
      <Judged model={model} />
      <WhatWouldHelp model={model} />
      <PhoneActions>{actions}</PhoneActions>
      <div className="section">
        <Figures items={modelFigures(model)} />
      </div>
      {model.comparison ? <BaseAgainstAdapter comparison={model.comparison} /> : null}
      <Samples samples={model.samples} />
      <ModelFiles files={model.manifest} downloads={downloads} />
      <div className="two section">
        <UseIt model={model} />
        <Origin model={model} />
      </div>
    </>
  );
}

function useEdit(model: Model) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ModelEdit) => editModel(model.id, change),
    onSuccess: (after, change) => {
      client.setQueryData(modelQuery(model.id).queryKey, after);
      void client.invalidateQueries({ queryKey: ["models", "list"] });
      if (change.status && canUndo(model.status, change.status)) {
        toast(doneWords(change.status), () => void back(model).then((again) => client.setQueryData(modelQuery(model.id).queryKey, again)));
      } else if (change.status) toast(doneWords(change.status));
    },
  });
}

const back = (model: Model) => editModel(model.id, { status: model.status });

function Judged({ model }: { model: Model }) {
  const { overall_score: stars, reason } = model.quality_metrics;
  return (
    <p className="mt-4 max-w-[96ch]">
      <Stars value={stars} /> <b className="ml-2">{starsWord(stars)}.</b> {reason} <HowStars />
    </p>
  );
}

/** Fewer than ten held-out conversations tell nothing; says how many would. */
function WhatWouldHelp({ model }: { model: Model }) {
  const needed = conversationsNeeded(model);
  return needed === null ? null : <Help needed={needed} dataset={model.dataset_id} />;
}

function Help({ needed, dataset }: { needed: number; dataset: string }) {
  const given = useDataset(dataset).data?.conversations;
  return (
    <div className="note mt-4 max-w-[78ch]">
      <p className="num">
        <b>What would help:</b> about {count(needed)} conversations, so that ten can be held out.{given === undefined ? "" : ` You gave ${count(given)}.`}
      </p>
    </div>
  );
}
