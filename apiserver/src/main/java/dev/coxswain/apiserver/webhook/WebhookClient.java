package dev.coxswain.apiserver.webhook;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.Peer;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.connect.Target;
import dev.coxswain.apiserver.schema.Input;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.node.ObjectNode;

/** Posts reviews to webhooks and reads what they answer. */
public final class WebhookClient {
  private static final int HTTPS = 443;

  /** How much of a failure's text is repeated, in characters. */
  private static final int MAXIMUM_FAILURE = 512;

  private static final Map<String, String> HEADERS =
      Map.of(
          "Accept", "application/json",
          "Content-Type", "application/json",
          "User-Agent", "kube-apiserver-admission");

  private final Caller caller;
  private final ServiceAddresses services;
  private final Trust trust = new Trust(null);

  /** Asks through these. */
  public WebhookClient(Caller caller, ServiceAddresses services) {
    this.caller = caller;
    this.services = services;
  }

  /**
   * Posts a review.
   *
   * @param timeout how long it may take in all
   * @return the object that came back
   * @throws WebhookException where none came
   */
  public ObjectNode post(ClientConfig config, ObjectNode review, Duration timeout)
      throws WebhookException, InterruptedException {
    return post(config, review, timeout, Input::json);
  }

  /** Posts a review of many objects, all of which may come back. */
  public ObjectNode postMany(ClientConfig config, ObjectNode review, Duration timeout)
      throws WebhookException, InterruptedException {
    return post(config, review, timeout, Input::jsonOfMany);
  }

  private ObjectNode post(
      ClientConfig config, ObjectNode review, Duration timeout, Function<byte[], JsonParser> parser)
      throws WebhookException, InterruptedException {
    String query = "?timeout=" + timeout.toSeconds() + "s";
    try (Caller.Reply reply =
        caller.call(
            target(config, query),
            new Caller.Call("POST", authority(config), HEADERS, Json.bytes(review)),
            timeout)) {
      if (reply.status() < 200 || reply.status() > 299) {
        throw new WebhookException(refusal(reply));
      }
      if (Input.tree(parser.apply(reply.body())) instanceof ObjectNode object) {
        return object;
      }
      throw new WebhookException("couldn't decode the answer: it is no object");
    } catch (IOException e) {
      throw new WebhookException("Post \"" + config.address() + query + "\": " + e.getMessage(), e);
    } catch (ApiException e) {
      throw new WebhookException("Post \"" + config.address() + query + "\": " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new WebhookException("couldn't decode the answer: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new WebhookException("couldn't decode the answer: " + e.getMessage(), e);
    }
  }

  private static String refusal(Caller.Reply reply) {
    String text = new String(reply.body(), StandardCharsets.UTF_8).strip();
    String told =
        text.isEmpty() ? "unknown" : text.substring(0, Math.min(text.length(), MAXIMUM_FAILURE));
    if (reply.status() == 503) {
      return "the server is currently unable to handle the request";
    }
    if (reply.status() >= 500) {
      return "an error on the server (\"" + told + "\") has prevented the request from succeeding";
    }
    return switch (reply.status()) {
      case 401 -> "the server has asked for the client to provide credentials";
      case 403 -> "forbidden: " + told;
      case 404 -> "the server could not find the requested resource";
      case 405 -> "the server does not allow this method on the requested resource";
      case 429 -> "the server has received too many requests and has asked us to try again later";
      default -> "the server rejected our request for an unknown reason";
    };
  }

  private static String authority(ClientConfig config) {
    ClientConfig.Service service = config.service();
    return service == null
        ? URI.create(config.url()).getRawAuthority()
        : service.host() + ":" + service.port();
  }

  private Target target(ClientConfig config, String query) throws InterruptedException {
    ClientConfig.Service service = config.service();
    if (service != null) {
      ServiceAddresses.Address address =
          services.one(service.namespace(), service.name(), service.port());
      return new Target(
          "https",
          address.host(),
          address.port(),
          new Peer.Named(trust.of(config.authorities()), service.host(), true),
          service.path() + query);
    }
    URI url = URI.create(config.url());
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return new Target(
        "https",
        url.getHost(),
        url.getPort() < 0 ? HTTPS : url.getPort(),
        new Peer.Named(trust.of(config.authorities()), url.getHost(), true),
        path + query);
  }
}
