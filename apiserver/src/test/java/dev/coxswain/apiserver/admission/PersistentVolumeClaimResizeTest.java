package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class PersistentVolumeClaimResizeTest {
  private static final String REFUSED =
      "persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized"
          + " and the storageclass that provisions the pvc must support resize";

  private final PersistentVolumeClaimResize plugin =
      new PersistentVolumeClaimResize(
          new Scene()
              .with(
                  "storageclasses.storage.k8s.io",
                  "{'metadata':{'name':'elastic'},'allowVolumeExpansion':true}")
              .with("storageclasses.storage.k8s.io", "{'metadata':{'name':'stiff'}}")
              .objects());

  @Test
  void aBoundClaimGrowsWhereItsClassAllowsIt() {
    assertThatCode(() -> change(claim("elastic", "1Gi", "Bound"), claim("elastic", "2Gi", "Bound")))
        .doesNotThrowAnyException();
  }

  @Test
  void elsewhereItDoesNot() {
    for (String one : List.of("stiff", "gone", "")) {
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> change(claim(one, "1Gi", "Bound"), claim(one, "2Gi", "Bound")))
          .withMessage(REFUSED);
    }
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(
            () -> change(claim("elastic", "1Gi", "Pending"), claim("elastic", "2Gi", "Pending")))
        .withMessageEndingWith("Only bound persistent volume claims can be expanded");
  }

  @Test
  void otherChangesAreNotItsBusiness() {
    assertThatCode(() -> change(claim("stiff", "1Gi", "Bound"), claim("stiff", "1024Mi", "Bound")))
        .doesNotThrowAnyException();
  }

  private void change(ObjectNode before, ObjectNode after) {
    plugin.validate(
        Scene.request(
            Operation.UPDATE,
            "persistentvolumeclaims",
            "",
            after,
            before,
            UserInfo.of("someone", List.of())));
  }

  private static ObjectNode claim(String storageClass, String size, String phase) {
    return Scene.json(
        ("{'metadata':{'name':'c'},'spec':{'storageClassName':'%s','resources':{'requests':"
                + "{'storage':'%s'}}},'status':{'phase':'%s'}}")
            .formatted(storageClass, size, phase));
  }
}
