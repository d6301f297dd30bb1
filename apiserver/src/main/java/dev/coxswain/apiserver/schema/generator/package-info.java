/** Runs during the build: makes the compact schema resources from published definitions. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.schema.generator;
