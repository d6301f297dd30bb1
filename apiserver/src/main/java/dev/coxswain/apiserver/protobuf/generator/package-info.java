/**
 * Makes the table of message shapes during the build, from published descriptors; not used at run
 * time.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.protobuf.generator;
