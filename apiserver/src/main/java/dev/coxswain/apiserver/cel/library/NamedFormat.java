package dev.coxswain.apiserver.cel.library;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.structural.StringFormats;
import java.util.Optional;

/** The forms of text that expressions can ask for by name. */
enum NamedFormat {
  DNS_1123_LABEL("dns1123Label"),
  DNS_1123_SUBDOMAIN("dns1123Subdomain"),
  DNS_1035_LABEL("dns1035Label"),
  QUALIFIED_NAME("qualifiedName"),
  DNS_1123_LABEL_PREFIX("dns1123LabelPrefix"),
  DNS_1123_SUBDOMAIN_PREFIX("dns1123SubdomainPrefix"),
  DNS_1035_LABEL_PREFIX("dns1035LabelPrefix"),
  LABEL_VALUE("labelValue"),
  URI("uri"),
  UUID("uuid"),
  BYTE("byte"),
  DATE("date"),
  DATETIME("datetime");

  private final String text;

  NamedFormat(String text) {
    this.text = text;
  }

  /** The name as expressions spell it. */
  String text() {
    return text;
  }

  /** What is wrong with a text; empty where nothing is. */
  Optional<String> check(String value) {
    return switch (this) {
      case DNS_1123_LABEL -> Names.label(value);
      case DNS_1123_SUBDOMAIN -> Names.subdomain(value);
      case DNS_1035_LABEL -> Names.label1035(value);
      case DNS_1123_LABEL_PREFIX -> Names.label(completed(value));
      case DNS_1123_SUBDOMAIN_PREFIX -> Names.subdomain(completed(value));
      case DNS_1035_LABEL_PREFIX -> Names.label1035(completed(value));
      case QUALIFIED_NAME -> Names.qualifiedName(value);
      case LABEL_VALUE -> Names.labelValue(value);
      case URI -> uri(value);
      case UUID -> form("uuid", value, "does not match the UUID format");
      case BYTE -> form("byte", value, "invalid base64");
      case DATE -> form("date", value, "invalid date");
      case DATETIME -> form("date-time", value, "invalid datetime");
    };
  }

  /** A prefix may end in a dash, because more follows it. */
  private static String completed(String prefix) {
    return prefix.length() > 1 && prefix.endsWith("-")
        ? prefix.substring(0, prefix.length() - 1) + "a"
        : prefix;
  }

  private static Optional<String> uri(String value) {
    try {
      WebAddress.parse(value);
      return Optional.empty();
    } catch (CelBadFormatException malformed) {
      return Optional.ofNullable(malformed.getMessage());
    }
  }

  private static Optional<String> form(String format, String value, String problem) {
    return !value.isEmpty() && StringFormats.matches(format, value)
        ? Optional.empty()
        : Optional.of(problem);
  }
}
