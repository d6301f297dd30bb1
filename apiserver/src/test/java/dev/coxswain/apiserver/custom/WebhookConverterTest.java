package dev.coxswain.apiserver.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.webhook.WebhookServer;
import dev.coxswain.runtime.time.Randomness;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Versions made by a real webhook server. Apostrophes stand for quotes. */
class WebhookConverterTest {
  private static final GroupVersionKind WANTED = new GroupVersionKind("example.com", "v2", "Thing");

  private final WebhookServer server = new WebhookServer();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final VersionConverter converter =
      new ConversionWebhooks(WebhookServer.client(loops), Randomness.seeded(1)).of(webhook());

  private JsonNode webhook() {
    ObjectNode webhook = Json.object();
    webhook.set("clientConfig", server.client("/convert"));
    webhook.putArray("conversionReviewVersions").add("v9").add("v1");
    return webhook;
  }

  @AfterEach
  void stop() {
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static ObjectNode thing(String name) {
    return json(
        "{'apiVersion':'example.com/v1','kind':'Thing','metadata':{'name':'"
            + name
            + "','uid':'u','labels':{'a':'b'},'generation':3},'spec':{'x':1}}");
  }

  /** Answers with the objects after a change of each. */
  private void converting(String change) {
    server.on(
        "/convert",
        request -> {
          ObjectNode response = json("{'result':{'status':'Success'}}");
          ArrayNode converted = response.putArray("convertedObjects");
          for (JsonNode object : request.path("objects")) {
            ObjectNode made = ((ObjectNode) object).deepCopy();
            made.set("apiVersion", request.path("desiredAPIVersion"));
            json(change).properties().forEach(field -> made.set(field.getKey(), field.getValue()));
            converted.add(made);
          }
          return response;
        });
  }

  @Test
  void manyObjectsAreConvertedInOneReview() {
    converting("{'spec':{'y':2},'metadata':{'name':'a','uid':'u','generation':9}}");
    ObjectNode one = thing("a");
    ObjectNode other = thing("a");
    converter.convert(List.of(one, other), WANTED);
    assertThat(one)
        .isEqualTo(
            json(
                "{'apiVersion':'example.com/v2','kind':'Thing',"
                    + "'metadata':{'name':'a','uid':'u','generation':3},'spec':{'y':2}}"));
    assertThat(other).isEqualTo(one);
    assertThat(server.reviews).hasSize(1);
    assertThat(Json.text(server.reviews.getFirst(), "apiVersion"))
        .isEqualTo("apiextensions.k8s.io/v1");
  }

  @Test
  void anotherIdentityIsRefused() {
    converting("{'metadata':{'name':'other','uid':'u'}}");
    assertThatThrownBy(() -> converter.convert(List.of(thing("a")), WANTED))
        .hasMessage(
            "conversion webhook for example.com/v1, Kind=Thing returned invalid converted object at"
                + " index 0: must have the same name: other != a");
  }

  @Test
  void aFailureIsToldInTheWebhooksWords() {
    server.on("/convert", _ -> json("{'result':{'status':'Failure','message':'cannot do that'}}"));
    assertThatThrownBy(() -> converter.convert(List.of(thing("a")), WANTED))
        .hasMessage("conversion webhook for example.com/v1, Kind=Thing failed: cannot do that");
    server.on("/convert", _ -> json("{'result':{'status':'Success'},'convertedObjects':[]}"));
    assertThatThrownBy(() -> converter.convert(List.of(thing("a")), WANTED))
        .hasMessage(
            "conversion webhook for example.com/v1, Kind=Thing returned 0 objects, expected 1");
  }
}
