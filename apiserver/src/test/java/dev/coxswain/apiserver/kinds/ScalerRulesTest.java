package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.autoscaling.FirstVersion;
import dev.coxswain.apiserver.kinds.autoscaling.ScalerRules;
import dev.coxswain.apiserver.kinds.autoscaling.ScalerTargets;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What is said of autoscalers, and how they are shown. Backticks stand for quotes. */
final class ScalerRulesTest {
  private static final String PODS =
      "{`type`:`Pods`,`pods`:{`metric`:{`name`:`m`},`target`:{`type`:`AverageValue`,`averageValue`:`10`}}}";
  private static final String CPU =
      "{`type`:`Resource`,`resource`:{`name`:`cpu`,`target`:{`type`:`Utilization`,`averageUtilization`:60}}}";

  private static String said(String fields) {
    List<FieldError> errors = new ArrayList<>();
    new ScalerRules(errors)
        .check(Rules.object("{`scaleTargetRef`:{`kind`:`Deployment`,`name`:`d`}," + fields + "}"));
    return errors.isEmpty()
        ? "-"
        : errors.stream()
            .map(FieldError::message)
            .collect(Collectors.joining("; "))
            .replace('"', '`');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        CPU + " | -",
        PODS + " | -",
        "{`type`:`External`,`external`:{`metric`:{`name`:`m`},`target`:{`type`:`Value`,`value`:`1`}}}"
            + " | -",
        "{`type`:`Object`,`object`:{`metric`:{`name`:`m`},`describedObject`:{`kind`:`K`,`name`:`n`},`target`:{`type`:`Value`,`value`:`1`}}}"
            + " | -",
        "{`type`:`ContainerResource`,`containerResource`:{`name`:`cpu`,`container`:`c`,`target`:{`type`:`Utilization`,`averageUtilization`:1}}}"
            + " | -",
        "{} | .type: Required value: must specify a metric source type",
        "{`type`:`Some`} | .type: Unsupported value: `Some`: supported values:"
            + " `ContainerResource`, `External`, `Object`, `Pods`, `Resource`",
        "{`type`:`Pods`} | .pods: Required value: must populate information for the given metric"
            + " source",
        "{`type`:`Resource`,`resource`:{`name`:`cpu`,`target`:{`type`:`Utilization`,`averageUtilization`:0}}}"
            + " | .resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
        "{`type`:`Resource`,`resource`:{`name`:`cpu`,`target`:{`type`:`Utilization`}}} |"
            + " .resource.target.averageUtilization: Required value: must set either a target raw"
            + " value or a target utilization",
        "{`type`:`Resource`,`resource`:{`name`:`cpu`,`target`:{`type`:`Often`,`averageValue`:`1`}}}"
            + " | .resource.target.type: Invalid value: `Often`: must be either Utilization,"
            + " Value, or AverageValue",
        "{`type`:`Resource`,`resource`:{`name`:`cpu`,`target`:{`type`:`Utilization`,`averageUtilization`:1,`averageValue`:`1`}}}"
            + " | .resource.target.averageValue: Forbidden: may not set both a target raw value and"
            + " a target utilization",
        "{`type`:`ContainerResource`,`containerResource`:{`name`:`cpu`,`target`:{`type`:`Utilization`,`averageUtilization`:1}}}"
            + " | .containerResource.container: Required value: must specify a container",
        "{`type`:`Pods`,`pods`:{`metric`:{`name`:`a/b`},`target`:{`type`:`AverageValue`,`averageValue`:`0`}}}"
            + " | .pods.target.averageValue: Invalid value: `0`: must be positive;"
            + " .pods.metric.name: Invalid value: `a/b`: may not contain '/'",
        "{`type`:`Pods`,`pods`:{`metric`:{`name`:`m`},`target`:{`type`:`Value`,`value`:`1`}}} |"
            + " .pods.target.averageValue: Required value: must specify a positive target"
            + " averageValue",
        "{`type`:`Object`,`object`:{`metric`:{`name`:`m`},`describedObject`:{`kind`:`K`,`name`:`n`},`target`:{`type`:`Value`}}}"
            + " | .object.target.averageValue: Required value: must set either a target value or"
            + " averageValue",
        "{`type`:`External`,`external`:{`metric`:{`name`:`m`},`target`:{`type`:`Value`,`value`:`1`,`averageValue`:`1`}}}"
            + " | .external.target.value: Forbidden: may not set both a target value for metric and"
            + " a per-pod target",
      })
  void metrics(String metric, String said) {
    assertThat(said("`metrics`:[" + metric + "]").replace("spec.metrics[0]", "")).isEqualTo(said);
  }

  @Test
  void aMetricIsOfOneType() {
    String both =
        CPU.substring(0, CPU.length() - 1) + "," + PODS.substring("{`type`:`Pods`,".length());
    assertThat(said("`metrics`:[" + both + "]"))
        .isEqualTo("spec.metrics[0].pods: Forbidden: must populate the given metric source only");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "`policies`:[{`type`:`Pods`,`value`:1,`periodSeconds`:1800}] | -",
        "`policies`:[] | .policies: Required value: must specify at least one Policy",
        "`policies`:[{`type`:`Some`,`value`:0,`periodSeconds`:1801}] | .policies[0].type:"
            + " Unsupported value: `Some`: supported values: `Percent`, `Pods`;"
            + " .policies[0].value: Invalid value: 0: must be greater than zero;"
            + " .policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to"
            + " 1800",
        "`stabilizationWindowSeconds`:3601,`selectPolicy`:`Most`,`policies`:[{`type`:`Pods`,`value`:1,`periodSeconds`:1}]"
            + " | .stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to"
            + " 3600; .selectPolicy: Unsupported value: `Most`: supported values: `Disabled`,"
            + " `Max`, `Min`",
      })
  void behavior(String rules, String said) {
    assertThat(said("`behavior`:{`scaleUp`:{" + rules + "}}").replace("spec.behavior.scaleUp", ""))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        CPU + " | ~~ | cpu: <unknown>/60%",
        CPU
            + " | {`type`:`Resource`,`resource`:{`name`:`cpu`,`current`:{`averageUtilization`:5}}}"
            + " | cpu: 5%/60%",
        PODS + " | ~~ | <unknown>/10",
        "{`type`:`External`,`external`:{`target`:{`averageValue`:`3`}}} |"
            + " {`type`:`External`,`external`:{`current`:{`averageValue`:`2`}}} | 2/3 (avg)",
        "{`type`:`Object`,`object`:{`target`:{`value`:`3`}}} |"
            + " {`type`:`Object`,`object`:{`current`:{`value`:`2`}}} | 2/3",
        CPU
            + ","
            + CPU
            + ","
            + CPU
            + ","
            + CPU
            + " | ~~ | cpu: <unknown>/60%, cpu: <unknown>/60% + 2 more...",
      })
  void targetsAreShown(String metrics, String current, String shown) {
    ObjectNode scaler =
        Rules.object(
            "{`spec`:{`metrics`:[" + metrics + "]},`status`:{`currentMetrics`:[" + current + "]}}");
    assertThat(ScalerTargets.of(scaler)).isEqualTo(shown);
  }

  @Test
  void theFirstVersionLosesNothingOfTheStatus() {
    ObjectNode scaler =
        Rules.object(
            "{`apiVersion`:`autoscaling/v2`,`metadata`:{`name`:`h`},`spec`:{`metrics`:["
                + CPU
                + "]},`status`:{`currentMetrics`:[{`type`:`Resource`,`resource`:{`name`:`cpu`,"
                + "`current`:{`averageUtilization`:5}}},{`type`:`Pods`,`pods`:{}}],"
                + "`conditions`:[{`type`:`AbleToScale`,`status`:`True`}]}}");
    ObjectNode first = scaler.deepCopy();
    new FirstVersion().fromStored(first);
    assertThat(Json.at(first, "metadata", "annotations").propertyNames())
        .containsExactlyInAnyOrder(
            "autoscaling.alpha.kubernetes.io/current-metrics",
            "autoscaling.alpha.kubernetes.io/conditions");
    new FirstVersion().toStored(first);
    assertThat(first.path("status")).isEqualTo(scaler.path("status"));
  }

  @Test
  void theFirstVersionMeasuresProcessorsWhereNothingIsSaid() {
    ResourceType first =
        BuiltinKinds.all(BuiltinSchemas.load()).stream()
            .filter(type -> type.kind().apiVersion().equals("autoscaling/v1"))
            .findFirst()
            .orElseThrow();
    ObjectNode plain = Rules.object("{`metadata`:{},`spec`:{}}");
    ObjectNode other =
        Rules.object(
            "{`metadata`:{`annotations`:{`autoscaling.alpha.kubernetes.io/metrics`:`[]`}},`spec`:{}}");
    first.strategy().fillDefaults(plain);
    first.strategy().fillDefaults(other);
    assertThat(Json.number(plain, 0, "spec", "targetCPUUtilizationPercentage")).isEqualTo(80);
    assertThat(other.path("spec").has("targetCPUUtilizationPercentage")).isFalse();
    assertThat(said("`targetCPUUtilizationPercentage`:0"))
        .isEqualTo(
            "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater"
                + " than 0");
  }
}
