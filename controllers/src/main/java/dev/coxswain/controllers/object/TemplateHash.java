package dev.coxswain.controllers.object;

import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The value of the {@code pod-template-hash} and {@code controller-revision-hash} labels: a digest
 * of the template's JSON with its fields in order, so that it depends on neither the process nor
 * the order in which somebody wrote them. Templates are compared by content, never by hash; the
 * hash only names.
 */
public final class TemplateHash {
  /** The label that a Deployment puts on its ReplicaSets and their pods. */
  public static final String LABEL = "pod-template-hash";

  private static final int LENGTH = 10;

  private TemplateHash() {}

  /**
   * The hash of a template.
   *
   * @param collisions how often a name made of the hash was already taken by another template
   */
  public static String of(PodTemplateSpec template, int collisions) {
    return of(Json.mapper().<JsonNode>valueToTree(withoutHash(template)), collisions);
  }

  /** The hash of any JSON, by the same rules. */
  public static String of(JsonNode json, int collisions) {
    JsonNode canonical = canonical(json);
    byte[] digest;
    try {
      digest =
          MessageDigest.getInstance("SHA-256")
              .digest((canonical + "#" + collisions).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
    long bits = ByteBuffer.wrap(digest).getLong();
    String alphabet = Randomness.NAME_ALPHABET;
    var name = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      name.append(alphabet.charAt((int) Long.remainderUnsigned(bits, alphabet.length())));
      bits = Long.divideUnsigned(bits, alphabet.length());
    }
    return name.toString();
  }

  /** Whether two templates are the same but for the hash label. */
  public static boolean same(PodTemplateSpec one, PodTemplateSpec other) {
    return Objects.equals(withoutHash(one), withoutHash(other));
  }

  private static PodTemplateSpec withoutHash(PodTemplateSpec template) {
    if (template.getMetadata() == null
        || template.getMetadata().getLabels() == null
        || !template.getMetadata().getLabels().containsKey(LABEL)) {
      return template;
    }
    return template.toBuilder().editMetadata().removeFromLabels(LABEL).endMetadata().build();
  }

  private static JsonNode canonical(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> {
        var sorted = new TreeMap<String, JsonNode>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
          sorted.put(field.getKey(), canonical(field.getValue()));
        }
        yield Json.object().setAll(sorted);
      }
      case ArrayNode array -> {
        ArrayNode copy = Json.array();
        array.forEach(element -> copy.add(canonical(element)));
        yield copy;
      }
      default -> node;
    };
  }
}
