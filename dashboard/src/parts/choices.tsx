interface ChoicesProps<Name extends string> {
  readonly label: string;
  readonly names: readonly Name[];
  /** Null where none is chosen, which means all. */
  readonly chosen: Name | null;
  readonly onChoose: (name: Name | null) => void;
}

/** A few names of which one may be chosen; the chosen one, pressed again, frees the choice. */
export function Choices<Name extends string>({ label, names, chosen, onChoose }: ChoicesProps<Name>) {
  return (
    <div class="choices" role="group" aria-label={label}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          class="choice"
          aria-pressed={name === chosen}
          onClick={() => onChoose(name === chosen ? null : name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
