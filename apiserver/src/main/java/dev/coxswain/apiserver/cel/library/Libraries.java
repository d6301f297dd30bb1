package dev.coxswain.apiserver.cel.library;

import java.util.List;
import java.util.stream.Stream;

/** All functions that Kubernetes adds to the language's own extensions. */
public final class Libraries {
  private Libraries() {}

  /** Every function in every form. */
  public static List<ExtensionFunction> all() {
    return Stream.of(
            ListFunctions.all(),
            RegexFunctions.all(),
            UrlFunctions.all(),
            QuantityFunctions.all(),
            AddressFunctions.all(),
            SemverFunctions.all(),
            FormatFunctions.all(),
            PatchFunctions.all(),
            StringFormatting.all(),
            AuthorizerFunctions.all())
        .flatMap(List::stream)
        .toList();
  }
}
