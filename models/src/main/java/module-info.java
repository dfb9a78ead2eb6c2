/** Architectures, the catalog that picks one for a checkpoint, and the tasks that users call. */
module ocellus.models {
  requires transitive ocellus.loaders;

  exports ocellus.models;
}
