package dev.coxswain.apiserver.kinds.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Defaults of webhooks and what is refused of them. Apostrophes stand for quotes. */
class WebhookRulesTest {
  private static final WebhookStrategy STRATEGY =
      new WebhookStrategy(
          BuiltinSchemas.load()
              .kind("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration"),
          true);

  private static ObjectNode configuration(String more) {
    ObjectNode webhook =
        Json.parseObject(
            """
            {'name':'a.example.com','sideEffects':'None','admissionReviewVersions':['v1'],
             'clientConfig':{'service':{'namespace':'n','name':'s'}},
             'rules':[{'operations':['CREATE'],'apiGroups':[''],'apiVersions':['v1'],
                       'resources':['pods']}]}
            """
                .replace('\'', '"'));
    Json.parseObject(more.replace('\'', '"'))
        .properties()
        .forEach(field -> webhook.set(field.getKey(), field.getValue()));
    ObjectNode object = Json.object();
    object.putObject("metadata").put("name", "c");
    object.putArray("webhooks").add(webhook);
    STRATEGY.fillDefaults(object);
    return object;
  }

  @Test
  void whatIsLeftOutIsFilledIn() {
    var webhook = configuration("{}").path("webhooks").path(0);
    assertThat(Json.text(webhook, "failurePolicy")).isEqualTo("Fail");
    assertThat(Json.text(webhook, "matchPolicy")).isEqualTo("Equivalent");
    assertThat(Json.text(webhook, "reinvocationPolicy")).isEqualTo("Never");
    assertThat(webhook.path("timeoutSeconds").asInt()).isEqualTo(10);
    assertThat(webhook.path("namespaceSelector")).isEqualTo(Json.object());
    assertThat(webhook.path("objectSelector")).isEqualTo(Json.object());
    assertThat(Json.number(webhook, 0, "clientConfig", "service", "port")).isEqualTo(443);
    assertThat(Json.text(webhook.path("rules").path(0), "scope")).isEqualTo("*");
    assertThat(STRATEGY.validate(configuration("{}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'name':'a.b'} | webhooks[0].name: Invalid value: \"a.b\": should be a domain with at"
            + " least three segments separated by dots",
        "{'sideEffects':'Some'} | webhooks[0].sideEffects: Unsupported value: \"Some\": supported"
            + " values: \"None\", \"NoneOnDryRun\"",
        "{'timeoutSeconds':31} | webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value"
            + " must be between 1 and 30 seconds",
        "{'admissionReviewVersions':['v9']} | webhooks[0].admissionReviewVersions: Invalid value:"
            + " [\"v9\"]: must include at least one of v1, v1beta1",
        "{'clientConfig':{}} | webhooks[0].clientConfig: Required value: exactly one of url or"
            + " service is required",
        "{'clientConfig':{'url':'http://a/b'}} | webhooks[0].clientConfig.url: Invalid value:"
            + " \"http\": 'https' is the only allowed URL scheme; desired format:"
            + " https://host[/path]",
        "{'clientConfig':{'service':{'name':'s','namespace':'n','path':'x'}}} |"
            + " webhooks[0].clientConfig.service.path: Invalid value: \"x\": must start with a '/'",
        "{'rules':[{'operations':['*','CREATE'],'apiGroups':['*'],'apiVersions':['*'],"
            + "'resources':['*']}]} | webhooks[0].rules[0].operations: Invalid value:"
            + " [\"*\",\"CREATE\"]: if '*' is present, must not specify other operations",
        "{'rules':[{'operations':['CREATE'],'apiGroups':['*'],'apiVersions':['*'],"
            + "'resources':['*','pods']}]} | webhooks[0].rules[0].resources: Invalid value:"
            + " [\"*\",\"pods\"]: if '*' is present, must not specify other resources without"
            + " subresources",
        "{'matchConditions':[{'name':'a','expression':''}]} |"
            + " webhooks[0].matchConditions[0].expression: Required value",
      })
  void whatIsWrongIsToldWithItsPath(String change, String message) {
    List<String> messages =
        STRATEGY.validate(configuration(change)).stream().map(FieldError::message).toList();
    assertThat(messages).contains(message);
  }
}
