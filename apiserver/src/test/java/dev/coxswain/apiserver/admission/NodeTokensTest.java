package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeTokensTest {
  private static final UserInfo N1 = UserInfo.of("system:node:n1", List.of("system:nodes"));
  private static final String POD =
      "{'metadata':{'name':'p','namespace':'ns','uid':'u'},'spec':{'nodeName':'n1','volumes':[";
  private static final String BOUND =
      "'boundObjectRef':{'apiVersion':'v1','kind':'Pod','name':'p','uid':'u'}";

  private static final String PROJECTED =
      "{'name':'v','projected':{'sources':[{'configMap':{'name':'c'}},"
          + "{'serviceAccountToken':{'path':'t'}},"
          + "{'serviceAccountToken':{'audience':'vault','path':'u'}}]}}";
  private static final String INLINE = "{'name':'v','csi':{'driver':'d.example.com'}}";
  private static final String CLAIM = "{'name':'v','persistentVolumeClaim':{'claimName':'bound'}}";
  private static final String OWN = "{'name':'own','ephemeral':{'volumeClaimTemplate':{}}}";

  private final Scene scene = new Scene();
  private final List<Attributes> asked = new ArrayList<>();

  private void cluster(String... volumes) {
    scene
        .with("pods", POD + String.join(",", volumes) + "]}}")
        .with(
            "csidrivers.storage.k8s.io",
            "{'metadata':{'name':'d.example.com'},"
                + "'spec':{'tokenRequests':[{'audience':''},{'audience':'disk'}]}}")
        .with(
            "persistentvolumes",
            "{'metadata':{'name':'pv'},'spec':{'csi':{'driver':'d.example.com'}}}")
        .with("persistentvolumes", "{'metadata':{'name':'local'},'spec':{'local':{}}}")
        .with("persistentvolumeclaims", claim("bound", "pv"))
        .with("persistentvolumeclaims", claim("p-own", "pv"))
        .with("persistentvolumeclaims", claim("p-local", "local"));
  }

  private static String claim(String name, String volume) {
    return "{'metadata':{'name':'%s','namespace':'ns'},'spec':{'volumeName':'%s'}}"
        .formatted(name, volume);
  }

  private void check(UserInfo user, Authorizer authorizer, String spec) {
    new NodeRestriction(scene.objects(), authorizer)
        .validate(
            new AdmissionRequest(
                Operation.CREATE,
                new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest"),
                new GroupResource("", "serviceaccounts"),
                "token",
                "ns",
                "sa",
                Scene.json("{'spec':{" + spec + "}}"),
                null,
                null,
                false,
                user,
                new ArrayList<>(),
                Annotations.NONE));
  }

  private void check(String spec) {
    check(
        N1,
        attributes -> {
          asked.add(attributes);
          return new Decision.NoOpinion("");
        },
        spec);
  }

  private void refused(String spec, String why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> check(spec))
        .withMessage("serviceaccounts \"sa\" is forbidden: " + why)
        .matches(e -> e.is(StatusReason.FORBIDDEN));
  }

  @Test
  void aTokenIsForAPodOfTheNode() {
    cluster(PROJECTED);
    check(BOUND);
    refused("", "node requested token not bound to a pod");
    refused(BOUND.replace("'Pod'", "'Secret'"), "node requested token not bound to a pod");
    refused(
        BOUND.replace(",'uid':'u'", ""), "node requested token with a pod binding without a uid");
    refused(
        BOUND.replace("'u'", "'other'"),
        "the UID in the bound object reference (other) does not match the UID in record. The object"
            + " might have been deleted and then recreated");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> check(BOUND.replace("'p'", "'gone'")))
        .withMessage("pods \"gone\" not found");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() ->
            check(
                UserInfo.of("system:node:n2", List.of("system:nodes")),
                _ -> new Decision.Allow(""),
                BOUND))
        .withMessageEndingWith("node requested token bound to a pod scheduled on a different node");
  }

  @Test
  void whatAnotherServerHasBoundAMomentAgoIsSeen() {
    cluster(PROJECTED);
    scene.with("pods", "{'metadata':{'name':'p','namespace':'ns','uid':'u'},'spec':{}}");
    scene.withFresh("pods", POD + PROJECTED + "]}}");
    check(BOUND);
    scene.withFresh("pods", (POD + PROJECTED + "]}}").replace("'uid':'u'", "'uid':'next'"));
    check(BOUND.replace("'u'", "'next'"));
    cluster(CLAIM);
    scene.with("persistentvolumeclaims", claim("bound", ""));
    scene.withFresh("persistentvolumeclaims", claim("bound", "pv"));
    check("'audiences':['disk']," + BOUND);
    assertThat(asked).isEmpty();
  }

  @Test
  void whoIsNoNodeAsksForWhatItMay() {
    assertThatCode(
            () -> check(UserInfo.of("admin", List.of()), _ -> new Decision.NoOpinion(""), ""))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        PROJECTED + "|",
        PROJECTED + "|vault",
        INLINE + "|disk",
        INLINE + "|",
        CLAIM + "|disk",
        OWN + "|disk"
      })
  void thePodsVolumesSayForWhom(String volume, String audience) {
    cluster(volume);
    check("'audiences':['" + (audience == null ? "" : audience) + "']," + BOUND);
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PROJECTED,
        CLAIM,
        "{'name':'local','ephemeral':{'volumeClaimTemplate':{}}}",
        "{'name':'v','emptyDir':{}}"
      })
  void othersAreForTheAuthorizer(String volume) {
    cluster(volume);
    String spec = "'audiences':['harbour']," + BOUND;
    refused(
        spec,
        "audience \"harbour\" not found in pod spec volume, system:node:n1 is not authorized to"
            + " request tokens for this audience");
    assertThat(asked)
        .singleElement()
        .isEqualTo(
            new Attributes(
                N1,
                "request-serviceaccounts-token-audience",
                true,
                "",
                "v1",
                "harbour",
                "",
                "ns",
                "sa",
                ""));
    assertThatCode(() -> check(N1, _ -> new Decision.Allow(""), spec)).doesNotThrowAnyException();
  }

  @Test
  void whatCannotBeLookedUpIsToldUnlessAnotherVolumeHasIt() {
    String elsewhere = "{'name':'w','csi':{'driver':'x.example.com'}}";
    String lost = "{'name':'z','persistentVolumeClaim':{'claimName':'lost'}}";
    cluster(elsewhere, lost);
    refused(
        "'audiences':['disk']," + BOUND,
        "error validating audience \"disk\": csidriver.storage.k8s.io \"x.example.com\" not found,"
            + " persistentvolumeclaim \"lost\" not found");
    cluster(elsewhere, INLINE, lost);
    check("'audiences':['disk']," + BOUND);
  }

  @Test
  void oneTokenIsForOne() {
    cluster(PROJECTED);
    refused("'audiences':['vault','']," + BOUND, "node may only request 0 or 1 audiences");
  }
}
