package dev.coxswain.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.patch.PatchException;
import dev.coxswain.api.patch.StrategicMergePatch;
import dev.coxswain.api.schema.Schema;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The patch of the api module, on real shapes. Quotes are written as apostrophes. */
class StrategicMergePatchTest {
  private static final Schema POD = BuiltinSchemas.load().kind("", "v1", "Pod");
  private static final Schema DEPLOYMENT = BuiltinSchemas.load().kind("apps", "v1", "Deployment");

  private static String apply(Schema schema, String target, String patch) {
    return StrategicMergePatch.apply(
            Json.parseObject(target.replace('\'', '"')),
            Json.parseObject(patch.replace('\'', '"')),
            schema)
        .toString()
        .replace('"', '\'');
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "merges a container by name"
            + "| {'spec':{'containers':[{'name':'a','image':'1','stdin':true},{'name':'b'}]}}"
            + "| {'spec':{'containers':[{'name':'a','image':'2'}]}}"
            + "| {'spec':{'containers':[{'name':'a','image':'2','stdin':true},{'name':'b'}]}}",
        "a new container comes first where no order is given"
            + "| {'spec':{'containers':[{'name':'a'}]}}"
            + "| {'spec':{'containers':[{'name':'b','image':null}]}}"
            + "| {'spec':{'containers':[{'name':'b'},{'name':'a'}]}}",
        "deletes a container"
            + "| {'spec':{'containers':[{'name':'a'},{'name':'b'}]}}"
            + "| {'spec':{'containers':[{'name':'a','$patch':'delete'}]}}"
            + "| {'spec':{'containers':[{'name':'b'}]}}",
        "replaces a whole list"
            + "| {'spec':{'containers':[{'name':'a'},{'name':'b'}]}}"
            + "| {'spec':{'containers':[{'name':'c'},{'$patch':'replace'}]}}"
            + "| {'spec':{'containers':[{'name':'c'}]}}",
        "replaces an object"
            + "| {'spec':{'securityContext':{'runAsUser':1,'fsGroup':2}}}"
            + "| {'spec':{'securityContext':{'$patch':'replace','fsGroup':3}}}"
            + "| {'spec':{'securityContext':{'fsGroup':3}}}",
        "replaces an atomic list"
            + "| {'spec':{'tolerations':[{'key':'a'},{'key':'b'}]}}"
            + "| {'spec':{'tolerations':[{'key':'c'}]}}"
            + "| {'spec':{'tolerations':[{'key':'c'}]}}",
        "merges primitives"
            + "| {'metadata':{'finalizers':['a','b']}}"
            + "| {'metadata':{'finalizers':['c','a']}}"
            + "| {'metadata':{'finalizers':['c','a','b']}}",
        "deletes primitives"
            + "| {'metadata':{'finalizers':['a','b','c']}}"
            + "| {'metadata':{'$deleteFromPrimitiveList/finalizers':['b']}}"
            + "| {'metadata':{'finalizers':['a','c']}}",
        "orders elements"
            + "| {'spec':{'containers':[{'name':'a'},{'name':'b'},{'name':'c'}]}}"
            + "| {'spec':{'$setElementOrder/containers':[{'name':'c'},{'name':'a'}]}}"
            + "| {'spec':{'containers':[{'name':'b'},{'name':'c'},{'name':'a'}]}}",
        "orders and merges elements"
            + "| {'spec':{'containers':[{'name':'a'},{'name':'b'}]}}"
            + "| {'spec':{'$setElementOrder/containers':[{'name':'n'},{'name':'a'},{'name':'b'}],"
            + "'containers':[{'name':'n','image':'x'}]}}"
            + "| {'spec':{'containers':[{'name':'n','image':'x'},{'name':'a'},{'name':'b'}]}}",
        "retains keys"
            + "| {'spec':{'volumes':[{'name':'v','emptyDir':{}}]}}"
            + "| {'spec':{'volumes':[{'name':'v','$retainKeys':['name','hostPath'],"
            + "'hostPath':{'path':'/x'}}]}}"
            + "| {'spec':{'volumes':[{'name':'v','hostPath':{'path':'/x'}}]}}",
        "null removes"
            + "| {'metadata':{'labels':{'a':'1','b':'2'}}}"
            + "| {'metadata':{'labels':{'a':null,'c':'3'}}}"
            + "| {'metadata':{'labels':{'b':'2','c':'3'}}}",
        "ports are told apart by number"
            + "| {'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'name':'x'}]}]}}"
            + "| {'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'name':'y'},"
            + "{'containerPort':81}]}]}}"
            + "| {'spec':{'containers':[{'name':'a','ports':[{'containerPort':80,'name':'y'},"
            + "{'containerPort':81}]}]}}",
      })
  void applies(String what, String target, String patch, String result) {
    assertThat(apply(POD, target, patch)).as(what).isEqualTo(result);
  }

  @Test
  void retainKeysSwitchesADeploymentsStrategy() {
    assertThat(
            apply(
                DEPLOYMENT,
                "{'spec':{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
                "{'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}"))
        .isEqualTo("{'spec':{'strategy':{'type':'Recreate'}}}");
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    assertThatThrownBy(() -> apply(POD, "{}", "{'$patch':'explode'}"))
        .isInstanceOf(PatchException.class)
        .hasMessageContaining("unknown patch type");
    assertThatThrownBy(() ->
            apply(
                POD,
                "{'spec':{'containers':[{'name':'a'}]}}",
                "{'spec':{'containers':[{'image':'x'}]}}"))
        .isInstanceOf(PatchException.class)
        .hasMessageContaining("does not contain declared merge key: name");
    assertThatThrownBy(() ->
            apply(POD, "{'spec':{'containers':[{'name':'a'}]}}", "{'spec':{'containers':['x']}}"))
        .isInstanceOf(PatchException.class);
  }

  /** Element by element against all others, either would take minutes. */
  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void longListsAreMergedInOneWalk() {
    int many = 300_000;
    String old =
        IntStream.range(0, many).mapToObj(i -> "'a" + i + "'").collect(Collectors.joining(","));
    String added =
        IntStream.range(0, many).mapToObj(i -> "'b" + i + "'").collect(Collectors.joining(","));
    String target = "{'metadata':{'finalizers':[" + old + "]}}";
    assertThat(apply(POD, target, "{'metadata':{'finalizers':[" + added + "]}}"))
        .isEqualTo("{'metadata':{'finalizers':[" + added + "," + old + "]}}");
    assertThat(
            apply(
                POD, target, "{'metadata':{'$deleteFromPrimitiveList/finalizers':[" + old + "]}}"))
        .isEqualTo("{'metadata':{'finalizers':[]}}");
  }
}
