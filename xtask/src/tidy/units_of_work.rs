//! A walk through functions that knows which units of work are open.
//!
//! It is a reading of the text, not of types: a unit of work is a variable made by a call of
//! `begin(…)`, or a parameter whose type names `UnitOfWork`. It is open until it is committed,
//! dropped or given away, or until the block that made it ends. A branch that returns does not
//! close it for what comes after the branch.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprCall, ExprIf, ExprMatch, ExprMethodCall, FnArg, Local, Pat, Signature, Stmt,
};

use super::syntax::{line, type_names};

/// Something that a walk has met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// A unit of work was begun: the variable, the line.
    Begun { name: String, line: usize },
    /// A unit of work was committed or given away.
    Closed { name: String },
    /// A method was called while at least one unit of work was open.
    Called {
        receiver: Option<String>,
        method: String,
        line: usize,
        open: bool,
    },
}

/// Walks one function and tells, in the order of the text, what it met.
pub fn walk(signature: &Signature, body: &Block) -> Vec<Met> {
    let parameters = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) if type_names(&typed.ty, &["UnitOfWork"]) => name_of(&typed.pat),
        _ => None,
    });
    let mut walker = Walker {
        open: parameters.collect(),
        met: Vec::new(),
    };
    walker.visit_block(body);
    walker.met
}

struct Walker {
    open: BTreeSet<String>,
    met: Vec<Met>,
}

impl Walker {
    fn close(&mut self, name: String) {
        self.open.remove(&name);
        self.met.push(Met::Closed { name });
    }

    /// Walks one of several ways on; answers what is open at its end, or none if it never ends.
    fn branch(&mut self, before: &BTreeSet<String>, expression: &Expr) -> Option<BTreeSet<String>> {
        self.open.clone_from(before);
        self.visit_expr(expression);
        (!diverges(expression)).then(|| self.open.clone())
    }

    fn join(&mut self, before: BTreeSet<String>, ends: Vec<Option<BTreeSet<String>>>) {
        let mut ends = ends.into_iter().flatten().peekable();
        self.open = if ends.peek().is_none() {
            before
        } else {
            ends.flatten().collect()
        };
    }
}

impl<'ast> Visit<'ast> for Walker {
    fn visit_block(&mut self, block: &'ast Block) {
        let outside = self.open.clone();
        visit::visit_block(self, block);
        // What the block made is dropped with it; what it closed of the outside stays closed.
        self.open.retain(|name| outside.contains(name));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        let begins = local.init.as_ref().is_some_and(|init| begins(&init.expr));
        if let (true, Some(name)) = (begins, name_of(&local.pat)) {
            self.open.insert(name.clone());
            self.met.push(Met::Begun {
                name,
                line: line(local),
            });
        }
    }

    fn visit_expr_if(&mut self, expression: &'ast ExprIf) {
        self.visit_expr(&expression.cond);
        let before = self.open.clone();
        self.visit_block(&expression.then_branch);
        let then = (!block_diverges(&expression.then_branch)).then(|| self.open.clone());
        let otherwise = match &expression.else_branch {
            Some((_, other)) => self.branch(&before, other),
            None => Some(before.clone()),
        };
        self.join(before, vec![then, otherwise]);
    }

    fn visit_expr_match(&mut self, expression: &'ast ExprMatch) {
        self.visit_expr(&expression.expr);
        let before = self.open.clone();
        let ends = expression
            .arms
            .iter()
            .map(|arm| self.branch(&before, &arm.body))
            .collect();
        self.join(before, ends);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        let method = call.method.to_string();
        match variable(&call.receiver) {
            Some(name) if method == "commit" || method == "rollback" => self.close(name),
            _ => self.met.push(Met::Called {
                receiver: last_name(&call.receiver),
                method,
                line: line(&call.method),
                open: !self.open.is_empty(),
            }),
        }
        self.give_away(call.args.iter());
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        visit::visit_expr_call(self, call);
        self.give_away(call.args.iter());
    }
}

impl Walker {
    /// A variable passed by value is the receiver's business from then on.
    fn give_away<'a>(&mut self, arguments: impl Iterator<Item = &'a Expr>) {
        for name in arguments.filter_map(variable) {
            if self.open.contains(&name) {
                self.close(name);
            }
        }
    }
}

/// `store.begin(tenant).await?` and the like: exactly one argument sets it apart from a pool's.
fn begins(expression: &Expr) -> bool {
    match expression {
        Expr::Await(inner) => begins(&inner.base),
        Expr::Try(inner) => begins(&inner.expr),
        Expr::MethodCall(call) => {
            (call.method == "begin" && call.args.len() == 1) || begins(&call.receiver)
        }
        _ => false,
    }
}

fn name_of(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(ident) => Some(ident.ident.to_string()),
        Pat::Type(typed) => name_of(&typed.pat),
        _ => None,
    }
}

/// The name, if an expression is a plain variable.
fn variable(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

/// The last name of a receiver: `sink` of `self.sink`, `self` of `self`.
fn last_name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(name.to_string()),
            syn::Member::Unnamed(_) => None,
        },
        Expr::Reference(inner) => last_name(&inner.expr),
        Expr::Paren(inner) => last_name(&inner.expr),
        _ => variable(expression),
    }
}

fn diverges(expression: &Expr) -> bool {
    match expression {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Block(block) => block_diverges(&block.block),
        _ => false,
    }
}

fn block_diverges(block: &Block) -> bool {
    matches!(block.stmts.last(), Some(Stmt::Expr(expression, _)) if diverges(expression))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The methods called while a unit of work is open.
    fn called_while_open(text: &str) -> Vec<String> {
        let function: syn::ItemFn = syn::parse_str(text).unwrap();
        walk(&function.sig, &function.block)
            .into_iter()
            .filter_map(|met| match met {
                Met::Called {
                    method, open: true, ..
                } => Some(method),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_unit_of_work_is_open_until_it_is_committed() {
        let text = "fn f() { before.call(); let mut uow = store.begin(t).await?; inside.call_in(); \
                    uow.commit().await?; after.call(); }";
        assert_eq!(called_while_open(text), ["call_in"]);
    }

    #[test]
    fn the_end_of_the_block_closes_it() {
        let text = "fn f() { let x = { let mut uow = s.begin(t)?; uow.orders() }; x.after(); }";
        assert_eq!(called_while_open(text), ["orders"]);
    }

    #[test]
    fn a_branch_that_returns_closes_it_for_itself_only() {
        let text = "fn f() { let uow = s.begin(t)?; if x { uow.commit()?; return; } y.still(); }";
        assert_eq!(called_while_open(text), ["still"]);
    }

    #[test]
    fn a_unit_of_work_that_is_given_away_is_not_open_here() {
        let text = "fn f() { let uow = s.begin(t)?; finish(uow)?; y.after(); }";
        assert_eq!(called_while_open(text), [""; 0]);
    }

    #[test]
    fn a_borrowed_unit_of_work_is_open_all_along() {
        let text = "fn f(uow: &mut dyn UnitOfWork) { y.inside(); }";
        assert_eq!(called_while_open(text), ["inside"]);
    }
}
