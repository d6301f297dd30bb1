package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.runtime.time.Time;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens by which a machine joins, {@code abcdef.0123456789abcdef}: each is a Secret of {@code
 * kube-system}, of the type {@code bootstrap.kubernetes.io/token}, that is not expired and meant
 * for authentication.
 */
public final class BootstrapTokenAuthenticator implements Authenticator {
  private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");
  private static final String TYPE = "bootstrap.kubernetes.io/token";

  private final ObjectView view;
  private final Time time;

  /** Looks the Secrets up here. */
  public BootstrapTokenAuthenticator(ObjectView view, Time time) {
    this.view = view;
    this.time = time;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    String token = credentials.bearerToken();
    if (token == null) {
      return Optional.empty();
    }
    Matcher parts = TOKEN.matcher(token);
    return parts.matches() ? Optional.of(user(parts.group(1), parts.group(2))) : Optional.empty();
  }

  private UserInfo user(String id, String secret) {
    ObjectNode stored =
        view.find(TokenSubjects.SECRETS, new ObjectKey("kube-system", "bootstrap-token-" + id))
            .orElseThrow(() -> refused(id, "is not known"));
    if (!Json.text(stored, "metadata", "deletionTimestamp").isEmpty()) {
      throw refused(id, "is deleted");
    }
    boolean same =
        MessageDigest.isEqual(
            data(stored, "token-secret").getBytes(StandardCharsets.UTF_8),
            secret.getBytes(StandardCharsets.UTF_8));
    if (!Json.text(stored, "type").equals(TYPE) || !data(stored, "token-id").equals(id) || !same) {
      throw refused(id, "is another");
    }
    if (expired(data(stored, "expiration"))) {
      throw refused(id, "is expired");
    }
    if (!data(stored, "usage-bootstrap-authentication").equals("true")) {
      throw refused(id, "is not for authentication");
    }
    return new UserInfo("system:bootstrap:" + id, "", groups(id, stored), Map.of());
  }

  private boolean expired(String expiration) {
    if (expiration.isEmpty()) {
      return false;
    }
    try {
      return !time.now().isBefore(Instant.parse(expiration));
    } catch (DateTimeParseException e) {
      // What cannot be read must not last for ever.
      return true;
    }
  }

  private static List<String> groups(String id, ObjectNode stored) {
    List<String> groups = new ArrayList<>();
    groups.add("system:bootstrappers");
    for (String group : data(stored, "auth-extra-groups").split(",", -1)) {
      if (!group.isEmpty()) {
        if (!GROUP.matcher(group).matches()) {
          throw refused(id, "names a group that is none of system:bootstrappers:");
        }
        groups.add(group);
      }
    }
    return groups;
  }

  private static String data(ObjectNode secret, String field) {
    try {
      byte[] value = Base64.getDecoder().decode(Json.text(secret, "data", field));
      return new String(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** The id is no secret, the rest of the token is. */
  private static ApiException refused(String id, String why) {
    return new ApiException(StatusReason.UNAUTHORIZED, "the bootstrap token " + id + " " + why);
  }
}
