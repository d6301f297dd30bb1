package dev.coxswain.apiserver.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The fields by which objects of a resource can be selected. */
public interface SelectableFields {
  /** The names and the namespace, which every resource has. */
  SelectableFields METADATA =
      new SelectableFields() {
        @Override
        public List<String> names() {
          return List.of("metadata.name", "metadata.namespace");
        }

        @Override
        public Map<String, String> values(ObjectNode object) {
          Map<String, String> values = new HashMap<>(4);
          values.put("metadata.name", object.path("metadata").path("name").asString(""));
          values.put("metadata.namespace", object.path("metadata").path("namespace").asString(""));
          return values;
        }
      };

  /** The names that a field selector may use; others are answered with 400. */
  List<String> names();

  /** The values of one object, by those names; a missing field is an empty string. */
  Map<String, String> values(ObjectNode object);
}
