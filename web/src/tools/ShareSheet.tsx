import "./tools.css";
import { useRef, useState } from "preact/hooks";
import { hrefFor } from "../history";
import { tt } from "../i18n/tools";
import { t } from "../state";
import { Dialog } from "./Dialog";
import { QrCode } from "./qr";
import { backToTools, tool } from "./tool";

/** The address of the page as it is seen now. */
export function permalink(): string {
  return new URL(hrefFor({ print: null }), location.href).href;
}

export function ShareSheet() {
  const [said, setSaid] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const link = permalink();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setSaid(tt("copied"));
    } catch {
      // Without permission, or without a secure page: then it is at least marked.
      field.current?.select();
      setSaid(tt("copyByHand"));
    }
  };
  return (
    <Dialog
      title={t("toolShare")}
      onClose={() => {
        tool.value = null;
        backToTools();
      }}
    >
      <p>{tt("shareHint")}</p>
      <div class="share-link">
        <input ref={field} readOnly value={link} aria-label={tt("permalink")} />
        <button type="button" class="primary" onClick={() => void copy()}>
          {tt("copy")}
        </button>
      </div>
      <p role="status">{said}</p>
      <QrCode text={link} label={tt("qrLabel")} />
    </Dialog>
  );
}
