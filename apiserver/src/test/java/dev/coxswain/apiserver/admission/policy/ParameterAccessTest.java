package dev.coxswain.apiserver.admission.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ParameterAccessTest {
  private static final String GROUP = "admissionregistration.k8s.io";
  private static final UserInfo ADA = UserInfo.of("ada", List.of());
  private static final String POLICY =
      "{'spec':{'paramKind':{'apiVersion':'v1','kind':'ConfigMap'}}}";
  private static final String BINDING =
      "{'spec':{'policyName':'p','paramRef':{'name':'limits','namespace':'a'}}}";

  private final List<Attributes> asked = new ArrayList<>();
  private boolean allowed;
  private final ObjectView view =
      new ObjectView() {
        @Override
        public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
          return Optional.of(json(POLICY)).filter(any -> key.name().equals("p"));
        }

        @Override
        public List<ObjectNode> list(GroupResource resource, String namespace) {
          throw new UnsupportedOperationException();
        }

        @Override
        public long revision(GroupResource resource) {
          throw new UnsupportedOperationException();
        }
      };
  private final ParameterAccess access =
      new ParameterAccess(
          view,
          new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load())),
          attributes -> {
            asked.add(attributes);
            return allowed ? new Decision.Allow("") : new Decision.NoOpinion("");
          });

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private void validate(String kind, String plural, String object, @Nullable String old) {
    validate(ADA, kind, plural, object, old);
  }

  private void validate(
      UserInfo user, String kind, String plural, String object, @Nullable String old) {
    access.validate(
        new AdmissionRequest(
            old == null ? Operation.CREATE : Operation.UPDATE,
            new GroupVersionKind(GROUP, "v1", kind),
            new GroupResource(GROUP, plural),
            "",
            "",
            "p",
            json(object),
            old == null ? null : json(old),
            null,
            false,
            user,
            new ArrayList<>(),
            Annotations.NONE));
  }

  private void policy(String object, @Nullable String old) {
    validate("ValidatingAdmissionPolicy", "validatingadmissionpolicies", object, old);
  }

  private void binding(String object, @Nullable String old) {
    validate("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", object, old);
  }

  @Test
  void aPolicysParametersMustBeReadable() {
    assertThatThrownBy(() -> policy(POLICY, null))
        .hasMessageContaining("spec.paramKind: Forbidden: user ada must have \"get\" permission");
    assertThat(asked.getFirst())
        .extracting(Attributes::verb, Attributes::resource, Attributes::namespace, Attributes::name)
        .containsExactly("get", "configmaps", "*", "*");
    allowed = true;
    policy(POLICY, null);
  }

  @Test
  void aBindingsParameterMustBeReadable() {
    assertThatThrownBy(() -> binding(BINDING, null))
        .hasMessageContaining("spec.paramRef: Forbidden: user ada does not have \"get\"");
    assertThat(asked.getFirst())
        .extracting(Attributes::resource, Attributes::namespace, Attributes::name)
        .containsExactly("configmaps", "a", "limits");
    String unknown = BINDING.replace("'p'", "'q'");
    assertThatThrownBy(() -> binding(unknown, null)).hasMessageContaining("spec.paramRef");
    assertThat(asked.getLast())
        .extracting(Attributes::group, Attributes::version, Attributes::resource)
        .containsExactly("*", "*", "*");
  }

  @Test
  void whatStaysAsItWasOrReadsNothingIsNotAskedAbout() {
    policy(POLICY, POLICY);
    binding(BINDING, BINDING);
    policy("{'spec':{}}", null);
    binding("{'spec':{'policyName':'p'}}", null);
    validate(
        UserInfo.of("root", List.of(UserInfo.MASTERS)),
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        POLICY,
        null);
    assertThat(asked).isEmpty();
  }
}
