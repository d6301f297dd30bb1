package dev.coxswain.apiserver.openapi;

import dev.coxswain.apiserver.structural.StructuralSchema;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/** How a version of OpenAPI spells what all versions say. */
sealed interface Dialect permits VersionThree, Swagger {

  /** What a {@code $ref} to a definition says. */
  String reference(String definition);

  /** A reference among other properties of the same object, which is open. */
  void referenceBeside(JsonGenerator out, String definition);

  /** The type of an integer or a string, into an open object. */
  void intOrString(JsonGenerator out);

  /** The type of a quantity, into an open object. */
  void quantity(JsonGenerator out);

  /** A parameter of a path or of a query, as one element. */
  void parameter(JsonGenerator out, Parameter parameter);

  /** What an operation takes and gives, into its open object. */
  void content(JsonGenerator out, Operation operation);

  /** The shape of a custom resource, with all that its author wrote and this version can say. */
  ObjectNode custom(StructuralSchema schema, PublishedSchema identity);

  /**
   * A parameter.
   *
   * @param in {@code path} or {@code query}
   * @param type {@code string}, {@code integer} or {@code boolean}
   */
  record Parameter(String name, String in, String type) {
    void write(JsonGenerator out) {
      out.writeStringProperty("name", name);
      out.writeStringProperty("in", in);
      if (in.equals("path")) {
        out.writeBooleanProperty("required", true);
      }
    }
  }
}
