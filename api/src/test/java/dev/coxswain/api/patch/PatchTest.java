package dev.coxswain.api.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class PatchTest {

  /** The examples of RFC 7386, appendix A. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"a\":\"b\"} | {\"a\":\"c\"} | {\"a\":\"c\"}",
        "{\"a\":\"b\"} | {\"b\":\"c\"} | {\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"} | {\"a\":null} | {}",
        "{\"a\":\"b\",\"b\":\"c\"} | {\"a\":null} | {\"b\":\"c\"}",
        "{\"a\":[\"b\"]} | {\"a\":\"c\"} | {\"a\":\"c\"}",
        "{\"a\":\"c\"} | {\"a\":[\"b\"]} | {\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}} | {\"a\":{\"b\":\"d\",\"c\":null}} | {\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]} | {\"a\":[1]} | {\"a\":[1]}",
        "[\"a\",\"b\"] | [\"c\",\"d\"] | [\"c\",\"d\"]",
        "{\"a\":\"b\"} | [\"c\"] | [\"c\"]",
        "{\"a\":\"foo\"} | null | null",
        "{\"e\":null} | {\"a\":1} | {\"e\":null,\"a\":1}",
        "[1,2] | {\"a\":\"b\",\"c\":null} | {\"a\":\"b\"}",
        "{} | {\"a\":{\"bb\":{\"ccc\":null}}} | {\"a\":{\"bb\":{}}}",
      })
  void mergesAsTheStandardSays(String target, String patch, String result) {
    assertThat(MergePatch.apply(Json.parse(target), Json.parse(patch)))
        .isEqualTo(Json.parse(result));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"a\":1} | [{\"op\":\"add\",\"path\":\"/b\",\"value\":2}] | {\"a\":1,\"b\":2}",
        "{\"a\":1} | [{\"op\":\"add\",\"path\":\"/b\"}] | {\"a\":1,\"b\":null}",
        "{\"a\":[1,3]} | [{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}] | {\"a\":[1,2,3]}",
        "{\"a\":[1]} | [{\"op\":\"add\",\"path\":\"/a/-\",\"value\":2}] | {\"a\":[1,2]}",
        "{\"a\":1,\"b\":2} | [{\"op\":\"remove\",\"path\":\"/a\"}] | {\"b\":2}",
        "{\"a\":[1,2]} | [{\"op\":\"remove\",\"path\":\"/a/0\"}] | {\"a\":[2]}",
        "{\"a\":1} | [{\"op\":\"replace\",\"path\":\"/a\",\"value\":{}}] | {\"a\":{}}",
        "{\"a\":{\"x\":1}} | [{\"op\":\"move\",\"from\":\"/a/x\",\"path\":\"/b\"}] |"
            + " {\"a\":{},\"b\":1}",
        "{\"a\":[1]} | [{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}] | {\"a\":[1],\"b\":[1]}",
        "{\"a/b\":1,\"~\":2} |"
            + " [{\"op\":\"remove\",\"path\":\"/a~1b\"},{\"op\":\"test\",\"path\":\"/~0\",\"value\":2}]"
            + " | {\"~\":2}",
        "{\"a\":1} | [{\"op\":\"test\",\"path\":\"/a\",\"value\":1.0}] | {\"a\":1}",
        "{\"a\":1} | [{\"op\":\"replace\",\"path\":\"\",\"value\":[]}] | []",
      })
  void appliesJsonPatches(String target, String patch, String result) {
    assertThat(JsonPatch.apply(Json.parse(target), Json.parse(patch)))
        .isEqualTo(Json.parse(result));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[{\"op\":\"remove\",\"path\":\"/b\"}] | remove operation does not apply: doc is missing"
            + " path: \"/b\": missing value",
        "[{\"op\":\"replace\",\"path\":\"/b/c\",\"value\":1}] | replace operation does not apply:"
            + " doc is missing path: \"/b/c\": missing value",
        "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}] | testing value /a failed: test failed",
        "[{\"op\":\"add\",\"path\":\"/l/7\",\"value\":2}] | add operation does not apply: doc is"
            + " missing path: \"/l/7\": index out of bounds",
        "[{\"op\":\"jump\",\"path\":\"/a\"}] | Unexpected kind: jump",
        "{} | a JSON patch must be an array of operations",
      })
  void saysWhyAJsonPatchDoesNotApply(String patch, String message) {
    assertThatThrownBy(() -> JsonPatch.apply(Json.parse("{\"a\":1,\"l\":[1]}"), Json.parse(patch)))
        .isInstanceOf(PatchException.class)
        .hasMessage(message);
  }

  @Test
  void copyingCannotGrowWithoutBound() {
    ArrayNode operations = Json.array();
    for (int i = 0; i < 64; i++) {
      ObjectNode operation = operations.addObject();
      operation.put("op", "copy").put("from", "/a").put("path", "/a/-");
    }
    assertThatThrownBy(() -> JsonPatch.apply(Json.parse("{\"a\":[1]}"), operations))
        .isInstanceOf(PatchException.class)
        .hasMessageContaining("copy operations add more than");
  }

  /** A merge patch made as the difference of two documents turns the one into the other. */
  @Test
  void mergeOfADifferenceGivesTheOther() {
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      JsonNode one = RandomJson.object(random, 3);
      ObjectNode other = RandomJson.object(random, 3);
      JsonNode patch = difference(one, other);
      assertThat(Json.same(MergePatch.apply(one, patch), other))
          .as("seed %d: %s + %s", seed, one, patch)
          .isTrue();
    }
  }

  private static JsonNode difference(JsonNode one, JsonNode other) {
    if (!(one instanceof ObjectNode) || !(other instanceof ObjectNode)) {
      return other;
    }
    ObjectNode patch = Json.object();
    one.propertyNames().stream().filter(name -> !other.has(name)).forEach(patch::putNull);
    other
        .properties()
        .forEach(field ->
            patch.set(field.getKey(), difference(one.path(field.getKey()), field.getValue())));
    return patch;
  }

  /** Whatever the operations, the answer is a document or a PatchException. */
  @Test
  void jsonPatchNeverFailsOtherwise() {
    String[] names = {"add", "remove", "replace", "move", "copy", "test", "x"};
    String[] paths = {"", "/a", "/b", "/a/0", "/a/-", "/a/b", "/c/a/1", "a", "/", "/a/01", "/b/~"};
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      ObjectNode target = RandomJson.object(random, 3);
      JsonNode before = target.deepCopy();
      ArrayNode operations = Json.array();
      for (int i = random.nextInt(4); i >= 0; i--) {
        ObjectNode operation = operations.addObject();
        operation.put("op", names[random.nextInt(names.length)]);
        operation.put("path", paths[random.nextInt(paths.length)]);
        operation.put("from", paths[random.nextInt(paths.length)]);
        operation.set("value", RandomJson.value(random, 2));
      }
      try {
        JsonPatch.apply(target, operations);
      } catch (PatchException refused) {
        assertThat(refused.getMessage()).as("seed %d: %s", seed, operations).isNotBlank();
      }
      assertThat(target).as("seed %d: the target stays", seed).isEqualTo(before);
    }
  }
}
