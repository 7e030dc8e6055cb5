import { Toast } from "radix-ui";
import { useEffect, useState } from "react";
import { onToast, type ToastMessage } from "@/lib/toast";

export function Toasts() {
  const [messages, setMessages] = useState<ToastMessage[]>([]);
  useEffect(() => onToast((message) => setMessages((before) => [...before, message])), []);
  const gone = (id: number) => setMessages((before) => before.filter((message) => message.id !== id));
  return (
    <Toast.Provider duration={6000} label="What was done">
      {messages.map((message) => (
        <Toast.Root key={message.id} className="toast" onOpenChange={(open) => (open ? undefined : gone(message.id))}>
          <Toast.Description className="flex-1">{message.words}</Toast.Description>
          {message.undo ? (
            <Toast.Action className="link" altText="Undo" onClick={message.undo}>
              Undo
            </Toast.Action>
          ) : null}
        </Toast.Root>
      ))}
      <Toast.Viewport className="toasts" />
    </Toast.Provider>
  );
}
