/** What a CustomResourceDefinition may say: its defaults, and the rules that its texts follow. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.definition;
