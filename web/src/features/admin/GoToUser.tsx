import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Field } from "@/components/Field";

/** Opens a user who is not listed: somebody who never declared a dataset can sign in all the same. */
export function GoToUser() {
  const [id, setId] = useState("");
  const navigate = useNavigate();
  return (
    <form
      className="section flex flex-wrap items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (id.trim() !== "") void navigate({ to: "/admin/users/$id", params: { id: id.trim() } });
      }}
    >
      <div className="w-96 max-w-full max-tablet:w-full">
        <Field label="A user who is not listed" hint="The id in the user pool; a user is listed from the first dataset on." maxLength={128} value={id} autoComplete="off" spellCheck={false} onChange={(event) => setId(event.target.value)} />
      </div>
      <button type="submit" className="btn tablet:mt-6.5" disabled={id.trim() === ""}>
        Open
      </button>
    </form>
  );
}
