package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The names of signers: a domain, a slash and a path. The texts are upstream's. */
final class SignerNames {
  private static final String PATH = "spec.signerName";
  private static final int LONGEST_DOMAIN = 253;

  /** Room for {@code <domain>/<namespace>.<name>}. */
  private static final int LONGEST = LONGEST_DOMAIN + 1 + 63 + 1 + 253;

  private SignerNames() {}

  static void check(String signer, List<FieldError> errors) {
    if (signer.isEmpty()) {
      errors.add(FieldError.required(PATH, "signerName must be provided"));
      return;
    }
    String[] segments = signer.split("/", -1);
    if (segments.length != 2) {
      errors.add(
          FieldError.invalid(
              PATH,
              signer,
              "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
      return;
    }
    if (segments[0].length() > LONGEST_DOMAIN || signer.length() > LONGEST) {
      boolean domain = segments[0].length() > LONGEST_DOMAIN;
      errors.add(FieldError.tooLong(PATH, domain ? LONGEST_DOMAIN : LONGEST));
    }
    if (segments[0].indexOf('.') < 0) {
      errors.add(
          FieldError.invalid(
              PATH,
              segments[0],
              "should be a domain with at least two segments separated by dots"));
    } else {
      labels(segments[0], Names::label, errors);
    }
    labels(segments[1], Names::subdomain, errors);
  }

  /** Tells the first that is wrong: more would say the same again. */
  private static void labels(
      String segment, Function<String, Optional<String>> rule, List<FieldError> errors) {
    for (String label : segment.split("\\.", -1)) {
      Optional<String> wrong = rule.apply(label);
      if (wrong.isPresent()) {
        errors.add(
            FieldError.invalid(
                PATH, segment, "validating label \"" + label + "\": " + wrong.get()));
        return;
      }
    }
  }
}
