package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Decision;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeRestrictionTest {
  private static final UserInfo N1 = UserInfo.of("system:node:n1", List.of("system:nodes"));
  private static final String MINE =
      "{'metadata':{'name':'p','namespace':'ns'},'spec':{'nodeName':'n1'}}";
  private static final String OTHERS = MINE.replace("n1", "n2");
  private static final String OWNER =
      "{'apiVersion':'v1','kind':'Node','name':'n1','uid':'u1','controller':true}";
  private static final String MIRROR =
      "{'metadata':{'name':'p','namespace':'ns','annotations':{'kubernetes.io/config.mirror':'x'},"
          + "'ownerReferences':["
          + OWNER
          + "]},'spec':{'nodeName':'n1'}}";

  @Test
  void aNodeKeepsToItsOwnNodeAndLease() {
    allowed(Operation.CREATE, "nodes", "", "{'metadata':{'name':'n1'}}", null);
    refused(Operation.CREATE, "nodes", "", "{'metadata':{'name':'n2'}}", null);
    allowed(
        Operation.UPDATE,
        "nodes",
        "status",
        "{'metadata':{'name':'n1'}}",
        "{'metadata':{'name':'n1'}}");
    refused(Operation.DELETE, "nodes", "", null, "{'metadata':{'name':'n2'}}");
    String lease = "{'metadata':{'name':'n1','namespace':'kube-node-lease'}}";
    allowed(Operation.UPDATE, "leases.coordination.k8s.io", "", lease, lease);
    String other = lease.replace("n1", "n2");
    refused(Operation.UPDATE, "leases.coordination.k8s.io", "", other, other);
    String election = "{'metadata':{'name':'n1','namespace':'kube-system'}}";
    refused(Operation.CREATE, "leases.coordination.k8s.io", "", election, null);
    String drivers = "{'metadata':{'name':'n1'}}";
    allowed(Operation.CREATE, "csinodes.storage.k8s.io", "", drivers, null);
    refused(Operation.CREATE, "csinodes.storage.k8s.io", "", drivers.replace("n1", "n2"), null);
  }

  @Test
  void aNodeDoesNotTrustItselfWithMore() {
    String plain = "{'metadata':{'name':'n1','labels':{'zone':'a'}},'spec':{}}";
    allowed(Operation.UPDATE, "nodes", "", plain.replace("'a'", "'b'"), plain);
    refused(
        Operation.UPDATE,
        "nodes",
        "",
        "{'metadata':{'name':'n1','labels':{'node-restriction.kubernetes.io/x':'y'}},'spec':{}}",
        plain);
    refused(
        Operation.UPDATE,
        "nodes",
        "",
        plain.replace("'spec':{}", "'spec':{'taints':[]}"),
        plain.replace("'spec':{}", "'spec':{'taints':[{'key':'k','effect':'NoSchedule'}]}"));
  }

  @Test
  void aNodeSaysOfItselfWhatAKubeletKnowsBest() {
    for (String own : new String[] {"kubernetes.io/os", "x.node.kubernetes.io/a", "mine"}) {
      allowed(Operation.CREATE, "nodes", "", labelled(own), null);
    }
    for (String others :
        new String[] {"node-role.kubernetes.io/control-plane", "kubernetes.io/x", "a.k8s.io/b"}) {
      refused(Operation.CREATE, "nodes", "", labelled(others), null);
    }
  }

  private static String labelled(String label) {
    return "{'metadata':{'name':'n1','labels':{'" + label + "':''}},'spec':{}}";
  }

  @Test
  void aNodeWritesTheStatusAndTheEndOfItsOwnPodsOnly() {
    allowed(Operation.UPDATE, "pods", "status", MINE, MINE);
    refused(Operation.UPDATE, "pods", "status", OTHERS, OTHERS);
    refused(Operation.UPDATE, "pods", "", MINE, MINE);
    String labelled = MINE.replace("'name'", "'labels':{'app':'bank'},'name'");
    refused(Operation.UPDATE, "pods", "status", labelled, MINE);
    refused(Operation.UPDATE, "pods", "status", MINE, labelled);
    allowed(Operation.UPDATE, "pods", "status", labelled, labelled);
    String claims = "'status':{'resourceClaimStatuses':[{'name':'gpu'}]},'spec'";
    refused(Operation.UPDATE, "pods", "status", MINE.replace("'spec'", claims), MINE);
    String phase = "'status':{'phase':'Running'},'spec'";
    allowed(Operation.UPDATE, "pods", "status", MINE.replace("'spec'", phase), MINE);
    allowed(Operation.DELETE, "pods", "", null, MINE);
    refused(Operation.DELETE, "pods", "", null, OTHERS);
  }

  @Test
  void aNodeCreatesOnlyMirrorPodsOnItself() {
    allowed(Operation.CREATE, "pods", "", MIRROR, null);
    refused(Operation.CREATE, "pods", "", MINE, null);
    refused(
        Operation.CREATE, "pods", "", MIRROR.replace("'nodeName':'n1'", "'nodeName':'n2'"), null);
    refused(
        Operation.CREATE,
        "pods",
        "",
        MIRROR.replace("'nodeName'", "'serviceAccountName':'default','nodeName'"),
        null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'volumes':[{'secret':{'secretName':'s'}}]",
        "'volumes':[{'projected':{'sources':[{'configMap':{'name':'c'}}]}}]",
        "'volumes':[{'persistentVolumeClaim':{'claimName':'c'}}]",
        "'imagePullSecrets':[{'name':'s'}]",
        "'containers':[{'env':[{'valueFrom':{'secretKeyRef':{'name':'s'}}}]}]",
        "'initContainers':[{'envFrom':[{'configMapRef':{'name':'c'}}]}]",
        "'resourceClaims':[{'name':'r'}]"
      })
  void aMirrorPodGivesItsNodeNothingToRead(String reference) {
    refused(
        Operation.CREATE,
        "pods",
        "",
        MIRROR.replace("'nodeName'", reference + ",'nodeName'"),
        null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{'apiVersion':'v1','kind':'Node','name':'n2','uid':'u1','controller':true}",
        "{'apiVersion':'v1','kind':'Pod','name':'n1','uid':'u1','controller':true}",
        "{'apiVersion':'v1','kind':'Node','name':'n1','uid':'u2','controller':true}",
        "{'apiVersion':'v1','kind':'Node','name':'n1','uid':'u1'}",
        "{'apiVersion':'v1','kind':'Node','name':'n1','uid':'u1','controller':true,"
            + "'blockOwnerDeletion':true}",
        OWNER + "," + OWNER
      })
  void aMirrorPodIsItsNodesAlone(String owners) {
    refused(Operation.CREATE, "pods", "", MIRROR.replace(OWNER, owners), null);
  }

  @Test
  void aNodeEvictsItsOwnPodsOnly() {
    String eviction = "{'metadata':{'name':'p','namespace':'ns'}}";
    allowed(Operation.CREATE, "pods", "eviction", eviction, null);
    refused(Operation.CREATE, "pods", "eviction", eviction.replace("'p'", "'q'"), null);
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() ->
            validate(Operation.CREATE, "pods", "eviction", eviction.replace("'p'", "'gone'"), null))
        .withMessage("pods \"gone\" not found");
    refused(Operation.CREATE, "pods", "binding", eviction, null);
  }

  @Test
  void aNodeSaysOfAClaimHowMuchItsVolumeHasGrown() {
    String claim =
        "{'metadata':{'name':'c','namespace':'ns','resourceVersion':'1'},'spec':{},"
            + "'status':{'phase':'Bound'}}";
    String grown =
        claim
            .replace("'resourceVersion':'1'", "'resourceVersion':'2'")
            .replace("'phase'", "'capacity':{'storage':'2Gi'},'conditions':[],'phase'");
    allowed(Operation.UPDATE, "persistentvolumeclaims", "status", grown, claim);
    for (String more :
        new String[] {
          grown.replace("Bound", "Lost"),
          grown.replace("'name'", "'labels':{'a':'b'},'name'"),
          grown.replace("'name'", "'finalizers':['a/b'],'name'")
        }) {
      refused(Operation.UPDATE, "persistentvolumeclaims", "status", more, claim);
    }
    refused(Operation.UPDATE, "persistentvolumeclaims", "", claim, claim);
  }

  @Test
  void aNodeTellsOfItsOwnDevicesOnly() {
    String resource = "resourceslices.resource.k8s.io";
    String mine = "{'metadata':{'name':'s'},'spec':{'nodeName':'n1'}}";
    String others = mine.replace("n1", "n2");
    allowed(Operation.CREATE, resource, "", mine, null);
    refused(Operation.CREATE, resource, "", others, null);
    refused(Operation.CREATE, resource, "", "{'metadata':{'name':'s'},'spec':{}}", null);
    allowed(Operation.DELETE, resource, "", null, mine);
    refused(Operation.DELETE, resource, "", null, others);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kubelet-serving | CN=system:node:n1,O=system:nodes | true",
        "kubelet-serving | CN=system:node:n2,O=system:nodes | false",
        "kube-apiserver-client-kubelet | CN=system:node:n2,O=system:nodes | false",
        "kube-apiserver-client-kubelet | CN=jane | true",
        "kube-apiserver-client | CN=system:node:n2 | true",
      })
  void aNodeAsksForCertificatesOfItsOwnName(String signer, String subject, boolean allowed)
      throws Exception {
    String object =
        CertificateRequestsTest.object(
                "kubernetes.io/" + signer, CertificateRequestsTest.pem(subject))
            .toString();
    String resource = "certificatesigningrequests.certificates.k8s.io";
    if (allowed) {
      allowed(Operation.CREATE, resource, "", object, null);
    } else {
      refused(Operation.CREATE, resource, "", object, null);
    }
  }

  @Test
  void aNodeHasNoOwnerThatItNamedItself() {
    String plain = "{'metadata':{'name':'n1'},'spec':{}}";
    refused(
        Operation.UPDATE,
        "nodes",
        "",
        plain.replace("'n1'", "'n1','ownerReferences':[{'kind':'Pod','name':'p','uid':'u'}]"),
        plain);
  }

  @Test
  void whoIsInTheGroupButNamesNoNodeMayWriteNothing() {
    UserInfo nobody = UserInfo.of("someone", List.of("system:nodes"));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() ->
            new NodeRestriction(new Scene().objects(), _ -> new Decision.NoOpinion(""))
                .validate(
                    Scene.request(
                        Operation.CREATE,
                        "configmaps",
                        "",
                        Scene.json("{'metadata':{'name':'a'}}"),
                        null,
                        nobody)));
  }

  private static void allowed(
      Operation operation,
      String resource,
      String subresource,
      @Nullable String object,
      @Nullable String old) {
    assertThatCode(() -> validate(operation, resource, subresource, object, old))
        .doesNotThrowAnyException();
  }

  private static void refused(
      Operation operation,
      String resource,
      String subresource,
      @Nullable String object,
      @Nullable String old) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> validate(operation, resource, subresource, object, old))
        .matches(e -> e.is(StatusReason.FORBIDDEN));
  }

  private static void validate(
      Operation operation,
      String resource,
      String subresource,
      @Nullable String object,
      @Nullable String old) {
    new NodeRestriction(
            new Scene()
                .with("nodes", "{'metadata':{'name':'n1','uid':'u1'}}")
                .with("pods", MINE)
                .with("pods", OTHERS.replace("'p'", "'q'"))
                .objects(),
            _ -> new Decision.NoOpinion(""))
        .validate(
            Scene.request(
                operation,
                resource,
                subresource,
                object == null ? null : Scene.json(object),
                old == null ? null : Scene.json(old),
                N1));
  }
}
