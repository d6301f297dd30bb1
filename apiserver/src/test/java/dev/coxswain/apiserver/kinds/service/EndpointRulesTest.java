package dev.coxswain.apiserver.kinds.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class EndpointRulesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          IPv4 | 10.244.1.2      | ''
          IPv6 | fd00::2         | ''
          FQDN | web.example.com | ''
          IPv4 | 127.0.0.1       | may not be in the loopback range (127.0.0.0/8, ::1/128)
          IPv6 | ::1             | may not be in the loopback range (127.0.0.0/8, ::1/128)
          IPv4 | 0.0.0.0         | may not be unspecified (0.0.0.0)
          IPv4 | 169.254.169.254 | may not be in the link-local range (169.254.0.0/16, fe80::/10)
          IPv6 | fe80::1         | may not be in the link-local range (169.254.0.0/16, fe80::/10)
          IPv4 | 224.0.0.1       | may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)
          IPv4 | 127.1           | must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          IPv4 | not an ip       | must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          IPv4 | fd00::2         | must be an IPv4 address
          IPv6 | 10.244.1.2      | must be an IPv6 address
          """)
  void anAddressIsNoMachinesOwn(String type, String address, String wrong) {
    List<FieldError> errors =
        slice("'addressType':'" + type + "','endpoints':[{'addresses':['" + address + "']}]");
    if (wrong.isEmpty()) {
      assertThat(errors).isEmpty();
    } else {
      assertThat(errors)
          .containsExactly(FieldError.invalid("endpoints[0].addresses[0]", address, wrong));
    }
  }

  @Test
  void aPortIsOne() {
    assertThat(
            slice(
                "'addressType':'IPv4','endpoints':[{'addresses':[]}],"
                    + "'ports':[{'name':'a','port':99999,'protocol':'TCP'},"
                    + "{'name':'a','port':null,'protocol':'HTTP'}]"))
        .containsExactly(
            FieldError.required("endpoints[0].addresses", "must contain at least 1 address"),
            FieldError.invalid(
                "ports[0].port", json("99999"), "must be between 1 and 65535, inclusive"),
            FieldError.duplicate("ports[1].name", "a"),
            FieldError.notSupported("ports[1].protocol", "HTTP", List.of("SCTP", "TCP", "UDP")));
  }

  @Test
  void aDomainHasMoreThanOneLabel() {
    assertThat(
            slice(
                "'addressType':'FQDN','endpoints':[{'addresses':['a.example.','a.example','a','']}]"))
        .containsExactly(
            FieldError.invalid(
                "endpoints[0].addresses[2]",
                "a",
                "should be a domain with at least two segments separated by dots"),
            FieldError.required("endpoints[0].addresses[3]", ""));
  }

  @Test
  void nodesAndHintsHaveNames() {
    assertThat(
            slice(
                "'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'nodeName':'N',"
                    + "'hints':{'forZones':[{'name':'z'},{'name':'z'},{'name':'-'}],"
                    + "'forNodes':[{'name':'n'},{'name':'N'}]}}]"))
        .extracting(FieldError::field)
        .containsExactly(
            "endpoints[0].nodeName",
            "endpoints[0].hints.forZones[1].name",
            "endpoints[0].hints.forZones[2].name",
            "endpoints[0].hints.forNodes[1].name");
    assertThat(
            slice(
                "'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'hints':{'forZones':["
                    + "{},{},{},{},{},{},{},{},{}]}}]"))
        .containsExactly(FieldError.tooMany("endpoints[0].hints.forZones", 9, 8));
  }

  @Test
  void aSlicesLabelsCountAsWhatIsWanted() {
    EndpointsStrategy strategy =
        new EndpointsStrategy(
            BuiltinSchemas.load().kind("discovery.k8s.io", "v1", "EndpointSlice"), true);
    ObjectNode old = (ObjectNode) json("{'metadata':{'generation':1},'addressType':'IPv4'}");
    ObjectNode labelled = old.deepCopy();
    labelled.withObject("/metadata/labels").put("a", "b");
    strategy.prepareForUpdate(labelled, old);
    assertThat(Json.number(labelled, 0, "metadata", "generation")).isEqualTo(2);
    ObjectNode annotated = old.deepCopy();
    annotated.withObject("/metadata/annotations").put("a", "b");
    strategy.prepareForUpdate(annotated, old);
    assertThat(Json.number(annotated, 0, "metadata", "generation")).isEqualTo(1);
  }

  @Test
  void subsetsAreJudgedAlike() {
    List<FieldError> errors = new ArrayList<>();
    new EndpointRules(errors)
        .subsets(
            json(
                "[{'addresses':[{'ip':'10.0.0.1','hostname':'web-0'}],"
                    + "'ports':[{'port':80,'protocol':'TCP'}]},"
                    + "{'notReadyAddresses':[{'ip':'127.0.0.1'}],"
                    + "'ports':[{'port':0,'protocol':'TCP'},{'name':'b','port':1,'protocol':'UDP'}]},"
                    + "{}]"));
    assertThat(errors)
        .extracting(FieldError::field)
        .containsExactly(
            "subsets[1].notReadyAddresses[0].ip",
            "subsets[1].ports[0].name",
            "subsets[1].ports[0].port",
            "subsets[2]");
  }

  private static List<FieldError> slice(String fields) {
    List<FieldError> errors = new ArrayList<>();
    new EndpointRules(errors).slice(json("{" + fields + "}"));
    return errors;
  }

  private static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
