/** Files in, plain values out: safetensors, configuration files, images, labels. */
module ocellus.loaders {
  requires transitive ocellus.engine;
  requires com.fasterxml.jackson.core;
  requires jdk.incubator.vector;

  exports ocellus.loaders;
  exports ocellus.loaders.checkpoint;
  exports ocellus.loaders.image;
  exports ocellus.loaders.json;
  exports ocellus.loaders.safetensors;
  exports ocellus.loaders.text;
  exports ocellus.loaders.tokenizer;
}
