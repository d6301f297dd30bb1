package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.registry.Conversion;
import dev.coxswain.apiserver.schema.MalformedObjectException;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import dev.coxswain.apiserver.structural.Defaulting;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Between what is stored, in whatever version it was written, and one served version. What is read
 * is pruned and filled in by the schema as it is now, which may be newer than the object.
 *
 * @param served the version that is served
 * @param stored the version that is stored now
 * @param schema the schema of the served version
 * @param storedSchema the schema of the stored version
 * @param converter makes one version of another
 */
record CustomConversion(
    GroupVersionKind served,
    GroupVersionKind stored,
    StructuralSchema schema,
    StructuralSchema storedSchema,
    VersionConverter converter)
    implements Conversion {
  private static final Logger log = LoggerFactory.getLogger(CustomConversion.class);

  @Override
  public void toStored(ObjectNode object) {
    if (isOther(object, stored)) {
      converter.convert(List.of(object), stored);
      prune(object, storedSchema);
    }
  }

  @Override
  public void fromStored(ObjectNode object) {
    allFromStored(List.of(object));
  }

  @Override
  public void allFromStored(List<ObjectNode> objects) {
    List<ObjectNode> others = objects.stream().filter(object -> isOther(object, served)).toList();
    if (!others.isEmpty()) {
      converter.convert(others, served);
    }
    for (ObjectNode object : objects) {
      prune(object, schema);
      Defaulting.fill(object, schema);
    }
  }

  @Override
  public boolean asks() {
    return converter.asks();
  }

  private static boolean isOther(ObjectNode object, GroupVersionKind wanted) {
    return !Json.text(object, "apiVersion").equals(wanted.apiVersion());
  }

  private static void prune(ObjectNode object, StructuralSchema schema) {
    try {
      ObjectNode pruned = ObjectDecoder.decode(object, schema).object();
      object.removeAll();
      object.setAll(pruned);
    } catch (MalformedObjectException e) {
      log.debug("{} is left as it is: {}", Json.text(object, "kind"), e.getMessage());
    }
  }
}
