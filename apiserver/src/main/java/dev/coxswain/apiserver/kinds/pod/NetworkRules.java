package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.cel.library.IpAddress;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with how a pod finds others: its resolver's configuration, hosts, and ports. */
final class NetworkRules {
  private static final int NAME_SERVERS = 3;
  private static final int SEARCHES = 32;
  private static final int SEARCH_CHARACTERS = 2048;

  /** Zeros that older clients wrote before the parts of an address, and were let. */
  private static final Pattern LEADING_ZEROS = Pattern.compile("(?<![0-9A-Fa-f])0+(?=[0-9])");

  private static final String MAPPED = "::ffff:";

  /** A subdomain whose labels may have underscores, as those of services' records have. */
  private static final Pattern SEARCH =
      Pattern.compile("_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*");

  private static final String SEARCH_FORM =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-'"
          + " or '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
          + " regex used for validation is '"
          + SEARCH.pattern()
          + "')";

  private final List<FieldError> errors;

  NetworkRules(List<FieldError> errors) {
    this.errors = errors;
  }

  void check(JsonNode spec, String path) {
    dns(spec, path + ".dnsConfig");
    hosts(spec.path("hostAliases"), path + ".hostAliases");
    hostPorts(spec.path("containers"), path + ".containers", new HashSet<>());
  }

  private void dns(JsonNode spec, String path) {
    JsonNode config = spec.path("dnsConfig");
    JsonNode servers = config.path("nameservers");
    if (Json.text(spec, "dnsPolicy").equals("None")) {
      if (!config.isObject()) {
        errors.add(FieldError.required(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
        return;
      }
      if (servers.isEmpty()) {
        errors.add(
            FieldError.required(
                path + ".nameservers",
                "must provide at least one DNS nameserver when `dnsPolicy` is None"));
        return;
      }
    }
    if (servers.size() > NAME_SERVERS) {
      errors.add(
          FieldError.invalid(
              path + ".nameservers",
              servers,
              "must not have more than " + NAME_SERVERS + " nameservers"));
    }
    int index = 0;
    for (JsonNode server : servers) {
      address(server.asString(""), path + ".nameservers[" + index++ + "]");
    }
    searches(config.path("searches"), path + ".searches");
    index = 0;
    for (JsonNode option : config.path("options")) {
      String at = path + ".options[" + index++ + "]";
      if (Json.text(option, "name").isEmpty()) {
        errors.add(FieldError.required(at, "must not be empty"));
      }
    }
  }

  private void searches(JsonNode searches, String path) {
    if (searches.size() > SEARCHES) {
      errors.add(
          FieldError.invalid(
              path, searches, "must not have more than " + SEARCHES + " search paths"));
    }
    int characters = Math.max(0, searches.size() - 1);
    int index = 0;
    for (JsonNode search : searches) {
      String text = search.asString("");
      characters += text.length();
      search(text, path + "[" + index++ + "]");
    }
    if (characters > SEARCH_CHARACTERS) {
      errors.add(
          FieldError.invalid(
              path,
              searches,
              "must not have more than "
                  + SEARCH_CHARACTERS
                  + " characters (including spaces) in the search list"));
    }
  }

  /** A domain, which may end with a dot; the root is one, too. */
  private void search(String text, String path) {
    String domain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    if (text.equals(".")) {
      return;
    }
    if (domain.length() > Names.MAXIMUM_SUBDOMAIN || !SEARCH.matcher(domain).matches()) {
      errors.add(FieldError.invalid(path, domain, SEARCH_FORM));
    }
  }

  private void hosts(JsonNode aliases, String path) {
    int index = 0;
    for (JsonNode alias : aliases) {
      String at = path + "[" + index++ + "]";
      address(Json.text(alias, "ip"), at + ".ip");
      int place = 0;
      for (JsonNode hostname : alias.path("hostnames")) {
        String name = hostname.asString("");
        Checks.form(Names.subdomain(name), at + ".hostnames[" + place++ + "]", name, errors);
      }
    }
  }

  private void address(String text, String path) {
    String plain = text.startsWith(MAPPED) ? text.substring(MAPPED.length()) : text;
    if (!IpAddress.isAddress(text)
        && !IpAddress.isAddress(LEADING_ZEROS.matcher(plain).replaceAll(""))) {
      errors.add(FieldError.invalid(path, text, IpAddress.EXPECTED));
    }
  }

  /** Containers that run side by side cannot have the same port of their host. */
  private void hostPorts(JsonNode containers, String path, Set<String> taken) {
    int place = 0;
    for (JsonNode container : containers) {
      String at = path + "[" + place++ + "].ports";
      int index = 0;
      for (JsonNode port : container.path("ports")) {
        String field = at + "[" + index++ + "].hostPort";
        long number = port.path("hostPort").asLong(0);
        String text = Json.text(port, "protocol") + "/" + Json.text(port, "hostIP") + "/" + number;
        if (number != 0 && !taken.add(text)) {
          errors.add(FieldError.duplicate(field, text));
        }
      }
    }
  }
}
