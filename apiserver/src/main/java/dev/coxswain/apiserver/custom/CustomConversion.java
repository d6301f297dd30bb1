package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.registry.Conversion;
import dev.coxswain.apiserver.schema.MalformedObjectException;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import dev.coxswain.apiserver.structural.Defaulting;
import dev.coxswain.apiserver.structural.StructuralSchema;
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
 * @param converter makes one version of another
 */
record CustomConversion(
    GroupVersionKind served,
    GroupVersionKind stored,
    StructuralSchema schema,
    VersionConverter converter)
    implements Conversion {
  private static final Logger log = LoggerFactory.getLogger(CustomConversion.class);

  @Override
  public void toStored(ObjectNode object) {
    convert(object, stored);
  }

  @Override
  public void fromStored(ObjectNode object) {
    convert(object, served);
    try {
      ObjectNode pruned = ObjectDecoder.decode(object, schema).object();
      object.removeAll();
      object.setAll(pruned);
    } catch (MalformedObjectException e) {
      log.debug("stored {} is served as it is: {}", served.kind(), e.getMessage());
    }
    Defaulting.fill(object, schema);
  }

  private void convert(ObjectNode object, GroupVersionKind wanted) {
    if (!Json.text(object, "apiVersion").equals(wanted.apiVersion())) {
      converter.convert(object, wanted);
    }
  }
}
