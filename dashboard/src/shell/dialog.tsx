import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { openDialog } from "./dialogs.ts";
import { Icon } from "./icon.tsx";

interface DialogProps {
  readonly name: "key" | "keys";
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A dialog of the shell; the browser keeps the focus inside and gives it back. */
export function Dialog({ name, title, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  const isOpen = openDialog.value === name;
  useEffect(() => {
    if (isOpen) box.current?.showModal();
    else box.current?.close();
  }, [isOpen]);
  const close = () => {
    if (openDialog.peek() === name) openDialog.value = null;
  };
  return (
    <dialog ref={box} class="dialog" aria-labelledby={id} onClose={close} onClick={(event) => event.target === box.current && close()}>
      {isOpen ? (
        <div class="dialog-box">
          <header class="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="icon-button" aria-label="Close" onClick={close}>
              <Icon name="close" />
            </button>
          </header>
          {children}
        </div>
      ) : null}
    </dialog>
  );
}
