package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of ResourceQuotas that make no sense. */
final class QuotaRulesTest {
  private static String quota(String spec) {
    return "{`metadata`:{`name`:`q`,`namespace`:`shop`},`spec`:{%s}}".formatted(spec);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "`hard`:{`pods`:`1`,`cpu`:`1`},`scopes`:[`Terminating`] | -",
        "`hard`:{`count/widgets.example.com`:`1`},`scopes`:[`BestEffort`] | -",
        "`hard`:{`requests.hugepages-2Mi`:`1`,`requests.nvidia.com/gpu`:`1`} | -",
        "`hard`:{`widgets`:`1`} | spec.hard[widgets]: Invalid value: `widgets`: must be a standard"
            + " resource for quota",
        "`hard`:{`pods`:`1`},`scopes`:[`BestEffort`,`NotBestEffort`] | spec.scopes: Invalid value:"
            + " [`BestEffort`,`NotBestEffort`]: conflicting scopes",
        "`hard`:{`cpu`:`1`},`scopes`:[`BestEffort`] | spec.scopes: Invalid value: [`BestEffort`]:"
            + " unsupported scope applied to resource",
        "`hard`:{`pods`:`1`},`scopeSelector`:{`matchExpressions`:[{`scopeName`:`PriorityClass`,"
            + "`operator`:`In`,`values`:[`high`]}]} | -",
        "`hard`:{`pods`:`1`},`scopeSelector`:{`matchExpressions`:[{`scopeName`:`PriorityClass`,"
            + "`operator`:`In`}]} | spec.scopeSelector.matchExpressions.values: Required value:"
            + " must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      })
  void scopesFitWhatIsLimited(String spec, String said) {
    assertThat(Rules.create("ResourceQuota.", quota(spec))).isEqualTo(said);
  }

  @Test
  void aScopeThatThereIsNotIsTold() {
    assertThat(Rules.create("ResourceQuota.", quota("`hard`:{`pods`:`1`},`scopes`:[`Weekend`]")))
        .startsWith("spec.scopes[0]: Unsupported value: `Weekend`: supported values: `BestEffort`");
  }

  @Test
  void scopesStayAsTheyAre() {
    String before = quota("`hard`:{`pods`:`1`},`scopes`:[`Terminating`]");
    assertThat(Rules.update("ResourceQuota.", before, quota("`hard`:{`pods`:`2`}")))
        .contains("spec.scopes: Invalid value", "field is immutable");
    assertThat(Rules.update("ResourceQuota.", before, before.replace("`1`", "`2`"))).isEqualTo("-");
    String two = "`hard`:{`pods`:`1`},`scopes`:[`Terminating`,`NotBestEffort`]";
    String other = "`hard`:{`pods`:`1`},`scopes`:[`NotBestEffort`,`Terminating`]";
    assertThat(Rules.update("ResourceQuota.", quota(two), quota(other))).isEqualTo("-");
  }
}
