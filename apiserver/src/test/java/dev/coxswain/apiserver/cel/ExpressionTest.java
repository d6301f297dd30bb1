package dev.coxswain.apiserver.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.common.types.SimpleType;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the language and its libraries answer. */
class ExpressionTest {
  private static final Environment ENVIRONMENT =
      Environment.of(Map.of("d", SimpleType.DYN), List.of());
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "d",
          JsonValues.of(
              Json.parse(
                  """
                  {"list": [1, 2, 3], "text": "web", "flag": true, "number": 1.5, "none": null,
                   "map": {"a": 1}}
                  """)));

  private static Expression.Outcome evaluate(String text) {
    try {
      return ENVIRONMENT.compile(text).evaluate(VARIABLES);
    } catch (MalformedExpressionException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "d.list.all(x, x > 0) && d.map.a == 1 && d.text.startsWith('w') && d.flag",
        "d.none == null && d.number == 1.5 && type(d.text) == string",
        "has(d.map) && !has(d.nothing) && d.?nothing.orValue(3) == 3",
        "[1, 2, 2].isSorted() && ![2, 1].isSorted() && ['a', 'b'].isSorted()",
        "[1, 2, 3].sum() == 6 && [1.5, 2.5].sum() == 4.0 && [1].min() == 1 && [1, 9].max() == 9",
        "[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && ['a'].indexOf('z') == -1",
        "'abc 123'.find('[0-9]+') == '123' && '1 2 3'.findAll('[0-9]', 2) == ['1', '2']",
        "url('https://user:pw@example.com:80/a b?k=1&k=2').getHost() == 'example.com:80'",
        "url('https://[::1]:80/').getHostname() == '::1' && url('/x').getScheme() == ''",
        "url('https://e.com/a b').getEscapedPath() == '/a%20b'",
        "url('https://e.com/p?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
        "isURL('/absolute') && !isURL('../relative') && !isURL('https://a:b:c/')",
        "quantity('1.5Gi').isGreaterThan(quantity('1G')) && quantity('50k').asInteger() == 50000",
        "quantity('100m').add(quantity('900m')) == quantity('1') && !isQuantity('Three')",
        "quantity('5').sub(6).sign() == -1 && !quantity('1.5').isInteger()",
        "ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && !isIP('127.0.0.256')",
        "ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD') && !isIP('1.2')",
        "string(ip('fe80::1')) == 'fe80::1' && ip('fe80::1').isLinkLocalUnicast()",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP('11.0.0.1')",
        "cidr('10.0.0.0/8').containsCIDR(cidr('10.5.0.0/16')) && !isCIDR('10.0.0.0/33')",
        "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('::/4').prefixLength() == 4",
        "semver('1.2.3').isLessThan(semver('1.2.4')) && semver('v1.0', true).minor() == 0",
        "semver('1.0.0-alpha').compareTo(semver('1.0.0')) == -1 && !isSemver('200K')",
        "format.dns1123Label().validate('web') == optional.none()",
        "format.dns1123Label().validate('Web!').hasValue() && !format.named('x').hasValue()",
        "'%s is %d and %.2f %x'.format(['a', 7, 1.239, 255]) == 'a is 7 and 1.24 ff'",
        "'%s'.format([[1, 'b', 2.0]]) == '[1, b, 2]'",
        "sets.contains([1, 2, 3], [2]) && sets.intersects([1], [1, 2]) && 'a,b'.split(',').size()"
            + " == 2",
        "d.map.all(k, v, k == 'a' && v == 1) && [1, 2].exists(i, v, i == 1 && v == 2)",
        "'TacoCat'.lowerAscii() == 'tacocat' && ['a', 'b'].join('-') == 'a-b' && 'ab'.charAt(1) =="
            + " 'b'",
        "string(5.0) == '5' && string(1.5) == '1.5' && int('7') == 7",
        "[[1], [2]].flatten() == [1, 2] && [3, 1].sort() == [1, 3] && [1, 1].distinct() == [1]",
        "duration('1h') > duration('59m') && timestamp('2024-01-01T00:00:00Z').getFullYear() =="
            + " 2024",
        "(d.nothing.more == 1) || true",
      })
  void isTrue(String text) {
    assertThat(evaluate(text))
        .isInstanceOfSatisfying(
            Expression.Outcome.Value.class, value -> assertThat(value.value()).isEqualTo(true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          d.nothing == 1             | no such key: nothing
          d.list[7] == 1             | index out of bounds: 7
          1 / (d.list[0] - 1) == 1   | division by zero
          d.text < 1                 | no such overload
          9223372036854775807 + d.list[0] > 0 | integer overflow
          ([1].filter(x, x > 1)).max() == 1 | max called on empty list
          """)
  void failsInUpstreamsWords(String text, String message) {
    assertThat(evaluate(text))
        .isInstanceOfSatisfying(
            Expression.Outcome.Failure.class,
            failure -> assertThat(failure.message()).isEqualTo(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          foo > 1     | undeclared reference to 'foo' (in container '')
          1 + "a"     | found no matching overload for '_+_' applied to '(int, string)'
          1 +         | ERROR: <input>:1:4
          [1, "a"]    | expected type 'int' but found 'string'
          d.text.matches("(") | missing closing )
          string("a").reverse() | found no matching overload for 'reverse'
          """)
  void doesNotCompile(String text, String message) {
    assertThatThrownBy(() -> ENVIRONMENT.compile(text)).hasMessageContaining(message);
  }

  @Test
  void endsAtTheLimitHoweverErrorsAreForgiven() {
    String text =
        "[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c,"
            + " [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e,"
            + " [0,1,2,3,4,5,6,7,8,9].all(f, a + b + c + d + e + f >= 0)))))) || true";
    assertThat(evaluate(text))
        .isInstanceOfSatisfying(
            Expression.Outcome.Failure.class,
            failure -> {
              assertThat(failure.tooCostly()).isTrue();
              assertThat(failure.message())
                  .isEqualTo("operation cancelled: actual cost limit exceeded");
            });
  }

  private static ValueType type(String schema) {
    return Objects.requireNonNull(
        SchemaTypes.of(
            StructuralSchema.part(Json.parseObject(schema.replace('\'', '"'))), "self", false));
  }

  private static long estimate(String schema, String rule) throws MalformedExpressionException {
    ValueType type = type(schema);
    return Environment.of(Map.of("self", type.type()), List.of(type)).compile(rule).estimate(type);
  }

  /**
   * A bound costs little, loops multiply, and where nothing bounds them the price is out of reach.
   */
  @Test
  void estimates() throws MalformedExpressionException {
    assertThat(
            estimate("{'type': 'object', 'properties': {'a': {'type': 'integer'}}}", "self.a >= 0"))
        .isLessThan(10);
    String list =
        """
        {'type': 'array', 'maxItems': %d, 'items': {'type': 'string', 'maxLength': %d}}
        """;
    String rule = "self.all(x, x.startsWith('a'))";
    assertThat(estimate(list.formatted(10, 10), rule))
        .isLessThan(estimate(list.formatted(1000, 10), rule));
    String nested = "self.all(x, self.all(y, x == y))";
    assertThat(estimate("{'type': 'array', 'items': {'type': 'integer'}}", nested))
        .isGreaterThan(1_000_000_000L);
    assertThat(estimate(list.formatted(10, 10), nested)).isLessThan(10_000);
    String fallback =
        "!((has(self.a) ? self.a : []).exists(x, x.contains('/')) && !((has(self.b) ? self.b :"
            + " 'N') in ['S', 'N']))";
    assertThat(
            estimate(
                "{'type': 'object', 'properties': {'a': {'type': 'array', 'maxItems': 256,"
                    + " 'items': {'type': 'string', 'maxLength': 64}}, 'b': {'type': 'string'}}}",
                fallback))
        .isLessThan(10_000);
  }

  @Test
  void setsHaveNoOrderAndKeyedListsGoByKey() throws MalformedExpressionException {
    ValueType type =
        type(
            """
            {'type': 'object', 'properties': {
              'set': {'type': 'array', 'x-kubernetes-list-type': 'set', 'items': {'type': 'string'}},
              'keyed': {'type': 'array', 'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'], 'items': {'type': 'object', 'properties': {
                  'name': {'type': 'string'}, 'port': {'type': 'integer'}}}},
              'in': {'type': 'string', 'format': 'duration'},
              'a-b': {'x-kubernetes-int-or-string': true}}}
            """);
    Environment environment =
        Environment.of(Map.of("self", type.type(), "oldSelf", type.type()), List.of(type));
    Map<String, Object> variables =
        Map.of(
            "self",
            JsonValues.of(
                Json.parse(
                    """
                    {"set": ["a", "b"], "in": "1h30m", "a-b": 5,
                     "keyed": [{"name": "x", "port": 1}, {"name": "y", "port": 2}]}
                    """),
                type),
            "oldSelf",
            JsonValues.of(
                Json.parse(
                    """
                    {"set": ["b", "a"], "in": "90m", "a-b": "50%",
                     "keyed": [{"name": "y", "port": 2}, {"name": "x", "port": 1}]}
                    """),
                type));
    for (String text :
        List.of(
            "self.set == oldSelf.set && self.keyed == oldSelf.keyed",
            "self.set[0] == 'a' && (self.set + ['b', 'c']).size() == 3",
            "self.__in__ == oldSelf.__in__ && self.__in__ == duration('1h30m')",
            "type(self.a__dash__b) == int && oldSelf.a__dash__b == '50%'",
            "self != oldSelf",
            "has(self.set) && self.keyed.map(k, k.port).sum() == 3")) {
      assertThat(environment.compile(text).evaluate(variables))
          .as(text)
          .isInstanceOfSatisfying(
              Expression.Outcome.Value.class, value -> assertThat(value.value()).isEqualTo(true));
    }
  }
}
