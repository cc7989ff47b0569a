import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { tt } from "../i18n/tools";

interface DialogProps {
  title: string;
  class?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal sheet: the browser keeps the focus inside, and Escape shuts it. */
export function Dialog({ title, class: className = "", onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`tool-dialog ${className}`}
      aria-label={title}
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" class="close-tool" aria-label={tt("closeTool")} onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}
