// With BOOST_ASIO_SEPARATE_COMPILATION the event loop's own sources are compiled here and nowhere else.
#include <boost/asio/impl/src.hpp>
