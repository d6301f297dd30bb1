package dev.coxswain.apiserver.request;

import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a request is about, read from its method, path and query.
 *
 * @param resourceRequest whether it names a resource, or is about a path such as {@code /healthz}
 * @param path the decoded path
 * @param verb the verb of {@link Attributes}
 * @param group the API group; empty for the core group
 * @param version the version within the group
 * @param namespace the namespace; for a namespace itself, its own name
 * @param resource the plural
 * @param name the object's name; empty for a collection
 * @param subresource such as {@code status}; empty for the object itself
 * @param rest what stands after the subresource, without a leading slash: the path of a proxy
 */
public record RequestInfo(
    boolean resourceRequest,
    String path,
    String verb,
    String group,
    String version,
    String namespace,
    String resource,
    String name,
    String subresource,
    String rest) {

  /** Reads a request line. */
  public static RequestInfo parse(String method, String rawPath, Query query) {
    List<String> parts = new ArrayList<>();
    for (String part : rawPath.split("/", -1)) {
      if (!part.isEmpty()) {
        parts.add(decode(part));
      }
    }
    String path = decode(rawPath);
    boolean core = parts.size() >= 3 && parts.getFirst().equals("api");
    boolean grouped = parts.size() >= 4 && parts.getFirst().equals("apis");
    if (!core && !grouped) {
      return new RequestInfo(
          false, path, method.toLowerCase(Locale.ROOT), "", "", "", "", "", "", "");
    }
    String group = core ? "" : parts.get(1);
    String version = parts.get(core ? 1 : 2);
    parts = parts.subList(core ? 2 : 3, parts.size());
    boolean watchPrefix = parts.getFirst().equals("watch") && parts.size() > 1;
    if (watchPrefix) {
      parts = parts.subList(1, parts.size());
    }
    String namespace = "";
    boolean inNamespace =
        parts.getFirst().equals("namespaces")
            && parts.size() > 2
            && !(core && (parts.get(2).equals("status") || parts.get(2).equals("finalize")));
    if (inNamespace) {
      namespace = parts.get(1);
      parts = parts.subList(2, parts.size());
    }
    String resource = parts.getFirst();
    String name = parts.size() > 1 ? parts.get(1) : "";
    String subresource = parts.size() > 2 ? parts.get(2) : "";
    if (core && resource.equals("namespaces") && !inNamespace) {
      namespace = name;
    }
    String verb = verb(method, name, watchPrefix, query);
    if (name.isEmpty() && (verb.equals("list") || verb.equals("watch"))) {
      name = selectedName(query.text("fieldSelector"));
    }
    return new RequestInfo(
        true,
        path,
        verb,
        group,
        version,
        namespace,
        resource,
        name,
        subresource,
        rest(rawPath, subresource.isEmpty() ? 0 : parts.size() - 3));
  }

  private static String verb(String method, String name, boolean watchPrefix, Query query) {
    return switch (method) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
      case "GET", "HEAD" -> {
        if (watchPrefix || (query.flag("watch") && name.isEmpty())) {
          yield "watch";
        }
        yield name.isEmpty() ? "list" : "get";
      }
      default -> method.toLowerCase(Locale.ROOT);
    };
  }

  /** A list or watch of one name is authorized for that name. */
  private static String selectedName(String fieldSelector) {
    String wanted = "metadata.name=";
    for (String term : fieldSelector.split(",", -1)) {
      String plain = term.replace("==", "=");
      if (plain.startsWith(wanted) && plain.indexOf('=', wanted.length()) < 0) {
        return plain.substring(wanted.length());
      }
    }
    return "";
  }

  /** The last elements of the path, with its escapes and a final slash as they were sent. */
  private static String rest(String rawPath, int elements) {
    if (elements <= 0) {
      return "";
    }
    int from = rawPath.endsWith("/") ? rawPath.length() - 1 : rawPath.length();
    for (int i = 0; i < elements; i++) {
      from = rawPath.lastIndexOf('/', from - 1);
    }
    return rawPath.substring(from + 1);
  }

  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      // In a path a plus sign is a plus sign.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** Whether the request names one object, other than by a selector. */
  public boolean collection() {
    return switch (verb) {
      case "list", "watch", "deletecollection" -> true;
      case "create" -> name.isEmpty();
      default -> false;
    };
  }

  /** As authorization sees it. */
  public Attributes attributes(UserInfo user) {
    return new Attributes(
        user, verb, resourceRequest, group, version, resource, subresource, namespace, name, path);
  }

  /** The conditions on fields that limit it; none where they do not, or make no sense. */
  List<FieldSelector.Term> limits(Query query) {
    return switch (verb) {
      case "list", "watch", "deletecollection" -> {
        try {
          yield FieldSelector.parse(query.text("fieldSelector")).terms();
        } catch (IllegalArgumentException senseless) {
          yield List.of();
        }
      }
      default -> List.of();
    };
  }

  /** Whether it may stay open for as long as the client likes. */
  public boolean longRunning() {
    return verb.equals("watch")
        || switch (subresource) {
          case "log", "exec", "attach", "portforward", "proxy" -> true;
          default -> false;
        };
  }

  /** Whether it only reads. */
  public boolean readOnly() {
    return switch (verb) {
      case "get", "list", "watch", "head", "options" -> true;
      default -> false;
    };
  }
}
