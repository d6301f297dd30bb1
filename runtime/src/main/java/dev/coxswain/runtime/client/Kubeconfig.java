package dev.coxswain.runtime.client;

import dev.coxswain.runtime.tls.PemSource;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * How to reach the API server, and as whom: the current context of a kubeconfig file, in the format
 * that kubectl reads, with one extension: a cluster's server field may name several API servers of
 * the same cluster, separated by commas. Exec plugins and unverified TLS are not supported.
 *
 * @param servers at least one
 * @param authorities whom to believe; null for the JDK's own authorities
 * @param certificate the client's certificate chain; null to stay without
 * @param key its key; null to stay without
 * @param token a bearer token; null to stay without
 * @param tokenFile where the token is from, and from where it is read again once it has changed, as
 *     a service account's does; null for one that stays
 */
public record Kubeconfig(
    List<URI> servers,
    @Nullable PemSource authorities,
    @Nullable PemSource certificate,
    @Nullable PemSource key,
    @Nullable String token,
    @Nullable Path tokenFile) {

  public Kubeconfig {
    servers = List.copyOf(servers);
  }

  /** With a token that stays, if any. */
  public Kubeconfig(
      List<URI> servers,
      @Nullable PemSource authorities,
      @Nullable PemSource certificate,
      @Nullable PemSource key,
      @Nullable String token) {
    this(servers, authorities, certificate, key, token, null);
  }

  /** Where, and nothing secret. */
  @Override
  public String toString() {
    return "Kubeconfig" + servers;
  }

  /**
   * Reads a file; relative paths in it are relative to its folder.
   *
   * @throws IllegalArgumentException naming the file and the field that is missing or wrong
   */
  public static Kubeconfig read(Path file) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      boolean missing = e instanceof NoSuchFileException;
      throw new IllegalArgumentException(
          "cannot read kubeconfig " + file + (missing ? ": there is no such file" : ": " + e), e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "kubeconfig " + file + " is not valid YAML: " + e.getOriginalMessage(), e);
    }
    return new Reader(file, root).read();
  }

  /**
   * The token in a file.
   *
   * @throws IllegalArgumentException naming the file that cannot be read, or has none
   */
  static String readToken(Path tokenFile) {
    String token;
    try {
      token = Files.readString(tokenFile).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException("tokenFile " + tokenFile + " cannot be read", e);
    }
    if (token.isEmpty()) {
      throw new IllegalArgumentException("tokenFile " + tokenFile + " is empty");
    }
    return token;
  }

  private record Reader(Path file, JsonNode root) {

    Kubeconfig read() {
      String contextName = root.path("current-context").asString("");
      JsonNode context = named("contexts", contextName, "context", "current-context");
      String clusterName = context.path("cluster").asString("");
      JsonNode cluster =
          named("clusters", clusterName, "cluster", "contexts[" + contextName + "].cluster");
      String userName = context.path("user").asString("");
      // Without a user the client stays anonymous.
      JsonNode user =
          userName.isEmpty()
              ? MissingNode.getInstance()
              : named("users", userName, "user", "contexts[" + contextName + "].user");
      if (cluster.path("insecure-skip-tls-verify").asBoolean(false)) {
        throw wrong("clusters[" + clusterName + "].insecure-skip-tls-verify is not supported");
      }
      if (user.has("exec") || user.has("auth-provider")) {
        throw wrong("users[" + userName + "]: exec and auth-provider are not supported");
      }
      PemSource certificate = source(user, "client-certificate");
      PemSource key = source(user, "client-key");
      if ((certificate == null) != (key == null)) {
        throw wrong("users[" + userName + "] needs both client-certificate and client-key");
      }
      return new Kubeconfig(
          servers(cluster.path("server").asString(""), "clusters[" + clusterName + "].server"),
          source(cluster, "certificate-authority"),
          certificate,
          key,
          token(user),
          tokenFile(user));
    }

    private JsonNode named(String list, String name, String content, String field) {
      if (name.isEmpty()) {
        throw wrong(field + " is not set");
      }
      for (JsonNode entry : root.path(list)) {
        if (entry.path("name").asString("").equals(name)) {
          return entry.path(content);
        }
      }
      throw wrong(field + " is \"" + name + "\", which " + list + " does not have");
    }

    private List<URI> servers(String text, String field) {
      var servers = new ArrayList<URI>();
      for (String part : text.split(",", -1)) {
        URI server;
        try {
          server = URI.create(part.strip().replaceFirst("/+$", ""));
        } catch (IllegalArgumentException e) {
          throw wrong(field + ": " + part + " is not a URL");
        }
        boolean known = "https".equals(server.getScheme()) || "http".equals(server.getScheme());
        if (!known || server.getHost() == null) {
          throw wrong(field + ": \"" + part + "\" is not an https URL");
        }
        servers.add(server);
      }
      return servers;
    }

    private @Nullable PemSource source(JsonNode node, String field) {
      String data = node.path(field + "-data").asString("");
      if (!data.isEmpty()) {
        try {
          byte[] pem = Base64.getMimeDecoder().decode(data);
          return new PemSource.Inline(new String(pem, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
          throw wrong(field + "-data is not base64");
        }
      }
      String path = node.path(field).asString("");
      return path.isEmpty() ? null : new PemSource.File(file.resolveSibling(path));
    }

    private @Nullable String token(JsonNode user) {
      Path tokenFile = tokenFile(user);
      if (tokenFile != null) {
        try {
          return readToken(tokenFile);
        } catch (IllegalArgumentException e) {
          throw wrong(String.valueOf(e.getMessage()));
        }
      }
      String token = user.path("token").asString("");
      return token.isEmpty() ? null : token;
    }

    private @Nullable Path tokenFile(JsonNode user) {
      String tokenFile = user.path("tokenFile").asString("");
      return tokenFile.isEmpty() ? null : file.resolveSibling(tokenFile);
    }

    private IllegalArgumentException wrong(String what) {
      return new IllegalArgumentException("kubeconfig " + file + ": " + what);
    }
  }
}
