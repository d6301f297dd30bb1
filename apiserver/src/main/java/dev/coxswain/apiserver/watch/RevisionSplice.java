package dev.coxswain.apiserver.watch;

import dev.coxswain.api.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts a resourceVersion into a serialized object without parsing it. It relies on the layout that
 * this server writes, apiVersion, kind and metadata first and in this order; bytes laid out
 * otherwise (somebody else wrote them) are parsed.
 */
final class RevisionSplice {
  private static final byte[] API_VERSION = ascii("{\"apiVersion\":\"");
  private static final byte[] KIND = ascii("\",\"kind\":\"");
  private static final byte[] METADATA = ascii("\",\"metadata\":{");
  private static final byte[] REVISION = ascii("\"resourceVersion\":\"");

  private RevisionSplice() {}

  /** The object with this resourceVersion, which replaces the one that it has, if any. */
  static byte[] with(byte[] json, long revision) {
    int start = metadataStart(json);
    if (start < 0 || start >= json.length) {
      return parsed(json, revision);
    }
    int rest = start;
    if (matches(json, start, REVISION)) {
      rest = indexOf(json, '"', start + REVISION.length) + 1;
      if (rest < json.length && json[rest] == ',') {
        rest++;
      }
    }
    byte[] digits = ascii(Long.toString(revision));
    boolean last = json[rest] == '}';
    int inserted = REVISION.length + digits.length + (last ? 1 : 2);
    byte[] result = new byte[start + inserted + json.length - rest];
    System.arraycopy(json, 0, result, 0, start);
    System.arraycopy(REVISION, 0, result, start, REVISION.length);
    int at = start + REVISION.length;
    System.arraycopy(digits, 0, result, at, digits.length);
    at += digits.length;
    result[at++] = '"';
    if (!last) {
      result[at++] = ',';
    }
    System.arraycopy(json, rest, result, at, json.length - rest);
    return result;
  }

  /** The position after the brace that opens the metadata; -1 for another layout. */
  private static int metadataStart(byte[] json) {
    if (!matches(json, 0, API_VERSION)) {
      return -1;
    }
    int kind = indexOf(json, '"', API_VERSION.length);
    if (!matches(json, kind, KIND)) {
      return -1;
    }
    int metadata = indexOf(json, '"', kind + KIND.length);
    if (!matches(json, metadata, METADATA)) {
      return -1;
    }
    return metadata + METADATA.length;
  }

  private static byte[] parsed(byte[] json, long revision) {
    ObjectNode object = Json.parseObject(json);
    Json.ensureObject(object, "metadata").put("resourceVersion", Long.toString(revision));
    return Json.bytes(object);
  }

  private static boolean matches(byte[] json, int at, byte[] expected) {
    return at >= 0
        && at + expected.length <= json.length
        && Arrays.equals(json, at, at + expected.length, expected, 0, expected.length);
  }

  private static int indexOf(byte[] json, char wanted, int from) {
    for (int i = from; i < json.length; i++) {
      if (json[i] == wanted) {
        return i;
      }
    }
    return json.length;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
