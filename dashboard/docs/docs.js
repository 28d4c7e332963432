/* global SwaggerUIBundle */
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const showScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
showScheme();
dark.addEventListener("change", showScheme);

/**
 * A lock stands where a key is needed. Swagger UI draws one wherever a key may be sent, and draws it closed where none is
 * needed, as if the reader had sent one.
 */
const locksWhereKeysAreNeeded = {
  wrapComponents: {
    OperationSummary: (Original, system) =>
      function Summary(props) {
        const { operationProps } = props;
        const security = operationProps.get("security");
        const isOptional = security?.some((way) => way.isEmpty()) ?? false;
        const shown = isOptional ? operationProps.set("security", security.clear()) : operationProps;
        return system.React.createElement(Original, { ...props, operationProps: shown });
      },
  },
};

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [locksWhereKeysAreNeeded],
  layout: "BaseLayout",
  deepLinking: true,
  // Nothing is asked of other hosts: no validator's badge.
  validatorUrl: null,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 2,
  filter: true,
});
