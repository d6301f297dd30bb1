package dev.coxswain.apiserver.cel.library;

import static dev.coxswain.apiserver.cel.library.ExtensionFunction.global;
import static dev.coxswain.apiserver.cel.library.Values.STRING;

import dev.cel.common.types.SimpleType;
import java.util.List;

/** {@code jsonpatch.escapeKey(key)}: a key as a step of a JSON pointer (RFC 6901). */
final class PatchFunctions {
  private PatchFunctions() {}

  static List<ExtensionFunction> all() {
    return List.of(
        global(
            "jsonpatch.escapeKey",
            "string_jsonpatch_escapeKey_string",
            SimpleType.STRING,
            List.of(STRING),
            a -> ((String) a[0]).replace("~", "~0").replace("/", "~1")));
  }
}
