#pragma once

// The one place that includes libmongoc and libbson.
#include <mongoc/mongoc.h>

#include <memory>

namespace tlswarden::drivers::mongodb {

/// Owns a document of ours. No unique_ptr: it would drop the alignment that bson_t demands.
class BsonPtr {
 public:
  explicit BsonPtr(bson_t* document) : document_(document) {}
  BsonPtr(const BsonPtr&) = delete;
  BsonPtr& operator=(const BsonPtr&) = delete;
  ~BsonPtr() { bson_destroy(document_); }
  bson_t* get() const { return document_; }

 private:
  bson_t* document_;
};

struct UriFreer {
  void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
};
using UriPtr = std::unique_ptr<mongoc_uri_t, UriFreer>;

struct ClientFreer {
  void operator()(mongoc_client_t* client) const { mongoc_client_destroy(client); }
};
using ClientPtr = std::unique_ptr<mongoc_client_t, ClientFreer>;

}  // namespace tlswarden::drivers::mongodb
