// Swagger UI over this server's own description; nothing is asked of another host.
"use strict";

SwaggerUIBundle({
  dom_id: "#reference",
  url: "openapi.json",
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
