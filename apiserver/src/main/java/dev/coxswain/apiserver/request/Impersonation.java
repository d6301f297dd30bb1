package dev.coxswain.apiserver.request;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.http.HttpRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Requests that ask to be somebody else ({@code kubectl --as}), by the {@code Impersonate-}
 * headers. Every name, group, uid and extra value must be allowed to the asker by the verb {@code
 * impersonate}.
 */
public final class Impersonation {
  private static final String USER = "Impersonate-User";
  private static final String GROUP = "Impersonate-Group";
  private static final String UID = "Impersonate-Uid";
  private static final String EXTRA = "impersonate-extra-";
  private static final String AUTHENTICATION = "authentication.k8s.io";

  private final Authorizer authorizer;

  /** Asks this authorizer. */
  public Impersonation(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  /**
   * Who the request is to be answered for: the asker itself where no header says otherwise.
   *
   * @throws ApiException when the asker may not be who it asks to be, or names no user
   */
  public UserInfo apply(UserInfo asker, HttpRequest request) {
    String name = request.header(USER);
    List<String> groups = new ArrayList<>(request.headers(GROUP));
    String uid = request.header(UID);
    Map<String, List<String>> extra = extra(request);
    if (name.isEmpty()) {
      if (!groups.isEmpty() || !uid.isEmpty() || !extra.isEmpty()) {
        throw Failures.badRequest("requested groups, uid or extra without impersonating a user");
      }
      return asker;
    }
    boolean account = name.startsWith(ServiceAccountNames.PREFIX);
    String[] parts = name.split(":", -1);
    if (account && parts.length == 4) {
      require(asker, "", "serviceaccounts", "", parts[2], parts[3]);
      if (groups.isEmpty()) {
        groups.addAll(ServiceAccountNames.groups(parts[2]));
      }
    } else {
      require(asker, "", "users", "", "", name);
    }
    for (String group : request.headers(GROUP)) {
      require(asker, "", "groups", "", "", group);
    }
    if (!uid.isEmpty()) {
      require(asker, AUTHENTICATION, "uids", "", "", uid);
    }
    extra.forEach((key, values) ->
        values.forEach(value -> require(asker, AUTHENTICATION, "userextras", key, "", value)));
    // Who asks to be nobody in particular has not proved to be anybody.
    boolean anonymous =
        name.equals(UserInfo.ANONYMOUS.name()) || groups.contains(UserInfo.UNAUTHENTICATED);
    return new UserInfo(name, uid, groups, extra)
        .with(anonymous ? UserInfo.UNAUTHENTICATED : UserInfo.AUTHENTICATED);
  }

  private static Map<String, List<String>> extra(HttpRequest request) {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(EXTRA)) {
        String key = unescaped(name.substring(EXTRA.length()));
        extra.computeIfAbsent(key, any -> new ArrayList<>()).add(header.getValue());
      }
    }
    return extra;
  }

  /** A header's name cannot hold everything that a key can; what is no escape is taken as it is. */
  private static String unescaped(String key) {
    try {
      return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException noEscape) {
      return key;
    }
  }

  private void require(
      UserInfo asker,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    Attributes attributes =
        new Attributes(
            asker, "impersonate", true, group, "v1", resource, subresource, namespace, name, "");
    Decision decision = authorizer.authorize(attributes);
    if (!(decision instanceof Decision.Allow)) {
      throw Failures.forbidden(attributes, decision.reason());
    }
  }
}
